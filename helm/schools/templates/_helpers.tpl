{{/* What templates share. They hold no logic of the product: names, and what every pod has. */}}

{{- define "schools.labels" -}}
app.kubernetes.io/part-of: yanxiu
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* Of one service: (list $ "records") */}}
{{- define "schools.selector" -}}
app.kubernetes.io/part-of: yanxiu
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "schools.image" -}}
{{- $top := index . 0 -}}
image: {{ printf "%s/%s:%s" $top.Values.image.registry (index . 1) $top.Values.image.tag | quote }}
imagePullPolicy: {{ $top.Values.image.pullPolicy }}
{{- end }}

{{- define "schools.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "schools.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* One secret as an environment variable: (list $ "YANXIU_ID_KEY" "id_numbers") */}}
{{- define "schools.secret" -}}
- name: {{ index . 1 }}
  valueFrom: {secretKeyRef: {name: {{ (index . 0).Values.secret }}, key: {{ index . 2 }}}}
{{- end }}

{{/* site.yaml, read once; a sentence where it is none. */}}
{{- define "schools.site" -}}
{{- $site := fromYaml .Values.site -}}
{{- if hasKey $site "Error" -}}
{{- fail (printf "site 不是合法的 YAML：%s。请用 --set-file site=site.yaml 交给 helm，并先运行 yanxiu check --site 检查。" $site.Error) -}}
{{- end -}}
{{- $public := $site.public | default dict -}}
{{- if not (and $public.portal $public.servers) -}}
{{- fail "site.yaml 里要写 public.portal 和 public.servers（两个主机名，见 docs/explanation/origins.md）。请补上后再用 --set-file site=site.yaml 安装；只装学校的发布请设 services.enabled=false。" -}}
{{- end -}}
{{- /* Never nil: helm lint goes on after a refusal. */ -}}
{{- toYaml (set $site "public" (merge $public (dict "portal" "" "servers" ""))) -}}
{{- end }}

{{- define "schools.recordsUrl" -}}
http://records.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}:8080
{{- end }}

{{- define "schools.hubApi" -}}
http://{{ .Values.hub.service }}.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}:{{ .Values.hub.port }}/hub/api
{{- end }}

{{/* What every process gets that reads the settings and opens the store. */}}
{{- define "schools.settings" -}}
- {name: YANXIU_SITE, value: /etc/yanxiu/site}
- {name: YANXIU_DATA, value: /var/lib/yanxiu}
{{ include "schools.secret" (list . "YANXIU_DATABASE_URL" "database_url") }}
{{- end }}

{{- define "schools.objects" -}}
{{- if .Values.objects.accessKeys }}
{{ include "schools.secret" (list . "YANXIU_S3_ACCESS_KEY_ID" "s3_access_key_id") }}
{{ include "schools.secret" (list . "YANXIU_S3_SECRET_ACCESS_KEY" "s3_secret_access_key") }}
{{- end }}
{{- end }}

{{- define "schools.mounts" -}}
- {name: site, mountPath: /etc/yanxiu/site, readOnly: true}
- {name: data, mountPath: /var/lib/yanxiu}
- {name: tmp, mountPath: /tmp}
{{- end }}

{{- define "schools.volumes" -}}
- name: site
  configMap: {name: yanxiu-site}
- name: data
  {{- if .Values.data.claim }}
  persistentVolumeClaim: {claimName: {{ .Values.data.claim }}}
  {{- else }}
  emptyDir: {sizeLimit: {{ .Values.data.sizeLimit }}}
  {{- end }}
- name: tmp
  emptyDir: {sizeLimit: 1Gi}
{{- end }}

{{/* What every pod of ours has above its containers: (list $ "serviceAccount or empty") */}}
{{- define "schools.pod" -}}
{{- $top := index . 0 -}}
automountServiceAccountToken: {{ ne (index . 1) "" }}
{{- with index . 1 }}
serviceAccountName: {{ . }}
{{- end }}
enableServiceLinks: false
securityContext: {{- include "schools.podSecurity" $top | nindent 2 }}
{{- with $top.Values.image.pullSecrets }}
imagePullSecrets: {{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "schools.dns" -}}
- to:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{ .Values.network.dns.namespace }}}}
      podSelector: {matchLabels: {{ .Values.network.dns.labels | toJson }}}
  ports:
    - {protocol: UDP, port: {{ .Values.network.dns.port }}}
    - {protocol: TCP, port: {{ .Values.network.dns.port }}}
{{- end }}

{{/* A way to what is not a pod of ours: (list "name of the value" its value) */}}
{{- define "schools.outside" -}}
{{- $name := index . 0 }}{{ $to := index . 1 -}}
{{- if not $to.cidrs -}}
{{- fail (printf "请在 network.%s.cidrs 里写明它的网段（例如 [10.0.5.0/24]），各服务才到得了；集群不用 NetworkPolicy 时设 network.enabled=false。" $name) -}}
{{- end -}}
- to:
    {{- range $to.cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  ports: [{protocol: TCP, port: {{ $to.port }}}]
{{- end }}
