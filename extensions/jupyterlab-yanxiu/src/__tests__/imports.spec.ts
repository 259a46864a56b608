/** Imports go one way: in a circle, what a module finds depends on who was read first. */

import * as ts from 'typescript';

/** What each module imports of the others, types too: they say who knows whom. */
function importsOf(texts: Map<string, string>): Map<string, string[]> {
  return new Map(
    [...texts].map(([name, text]) => [
      name,
      ts
        .preProcessFile(text)
        .importedFiles.map(file => file.fileName.replace(/^\.\//, ''))
        .filter(imported => texts.has(imported))
    ])
  );
}

/** The first circle on the way from one of the modules, or nothing. */
function circle(imports: Map<string, string[]>, way: string[] = []): string[] | undefined {
  const next = way.length ? imports.get(way[way.length - 1])! : imports.keys();
  for (const name of next) {
    const found = way.includes(name)
      ? [...way.slice(way.indexOf(name)), name]
      : circle(imports, [...way, name]);
    if (found) {
      return found;
    }
  }
  return undefined;
}

function read(): Map<string, string> {
  const files = ts.sys.readDirectory('src', ['.ts', '.tsx'], undefined, undefined, 1);
  return new Map(
    files.map(file => [file.replace(/^.*[\/]|\.tsx?$/g, ''), ts.sys.readFile(file) ?? ''])
  );
}

test('no module imports itself over others', () => {
  const imports = importsOf(read());
  expect(imports.get('panel')).toContain('unit');
  expect(circle(imports)).toBeUndefined();
});

test('a circle is found, also one of types only', () => {
  const texts = new Map([
    ['panel', "import { UnitCard } from './unit';"],
    ['unit', "import { Submit } from './submit';"],
    ['submit', "import type { Panel } from './panel';"]
  ]);
  expect(circle(importsOf(texts))).toEqual(['panel', 'unit', 'submit', 'panel']);
});
