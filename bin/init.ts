/** `keepprob init`: a working adapter to start from, and a job that judges it. */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { projectFile } from '../src/root.ts';
import { version } from '../src/version.ts';
import { print } from './console.ts';
import { quoted } from './shell.ts';
import { UsageError } from './usage.ts';

interface Scaffold {
  /** Under `implementations/`: the template's files, and what speaks the protocol for it. */
  readonly files: readonly string[];
  /** What builds it, where it has to be built. */
  readonly build?: string;
  /** What `keepprob check` is told to judge. */
  readonly target: string;
  readonly needs: string;
  /** Steps of a job of GitHub Actions that bring what it needs. */
  readonly steps: readonly string[];
}

const uses = (action: string, ...inputs: readonly string[]): string =>
  [`- uses: ${action}`, ...(inputs.length > 0 ? ['  with:'] : []), ...inputs.map((input) => `    ${input}`)].join('\n');

const scaffolds: Readonly<Record<string, Scaffold>> = {
  python: {
    files: ['python/template/adapter.py', 'python/keepprob_adapter.py'],
    target: '-- python3 adapter.py',
    needs: 'python3 with NumPy',
    steps: [uses('actions/setup-python@v6', "python-version: '3.13'"), '- run: python3 -m pip install numpy'],
  },
  javascript: {
    files: ['javascript/template/implementation.mjs'],
    target: 'implementation.mjs',
    needs: 'Node.js alone',
    steps: [],
  },
  rust: {
    files: [
      'rust/template/adapter.rs',
      'rust/template/Cargo.toml',
      'rust/template/Cargo.lock',
      'rust/keepprob_adapter.rs',
    ],
    build: 'cargo build --release --locked',
    target: '-- target/release/adapter',
    needs: 'Rust 1.88 or newer, and a Unix',
    steps: [],
  },
  go: {
    files: ['go/template/adapter.go', 'go/template/go.mod', 'go/keepprob_adapter.go'],
    build: 'go build -o adapter .',
    target: '-- ./adapter',
    needs: 'Go 1.24 or newer',
    steps: [uses('actions/setup-go@v6', 'go-version-file: go.mod')],
  },
  java: {
    files: ['java/template/Adapter.java', 'java/template/pom.xml', 'java/KeepprobAdapter.java'],
    build: 'mvn --batch-mode --quiet compile',
    target: "-- java -cp '.build/classes:.build/dependency/*' Adapter",
    needs: 'a JDK, 17 or later, and Maven',
    steps: [uses('actions/setup-java@v5', 'distribution: temurin', "java-version: '21'")],
  },
  cpp: {
    files: ['cpp/template/adapter.cpp', 'cpp/template/CMakeLists.txt', 'cpp/keepprob_adapter.hpp'],
    build: 'cmake -B .build && cmake --build .build',
    target: '-- .build/adapter',
    needs: 'CMake, a C++ compiler and nlohmann/json',
    steps: ['- run: sudo apt-get update && sudo apt-get install --yes nlohmann-json3-dev'],
  },
};

export const scaffoldedLanguages: readonly string[] = Object.keys(scaffolds);

/** A job that judges at each push: the exit code is the gate. */
function workflow({ steps, build, target }: Scaffold): string {
  const own = [...steps, ...(build === undefined ? [] : [`- run: ${build}`])];
  return `# Judges this implementation at each push: the exit code of keepprob is the gate.
name: keepprob
on: [push, pull_request, workflow_dispatch]
permissions:
  contents: read
jobs:
  conformance:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-node@v6
        with:
          node-version: 22
${own.map((step) => step.replaceAll(/^/gm, '      ')).join('\n')}${own.length > 0 ? '\n' : ''}      - run: npx --yes keepprob@${version} check --report json=keepprob.json ${target}
      - uses: actions/upload-artifact@v7
        if: \${{ !cancelled() }} # a report of a violation is a report too
        with:
          name: keepprob
          path: keepprob.json
`;
}

const workflowFile = '.github/workflows/keepprob.yml';

/** Copies the scaffold of a language into a folder. Overwrites nothing. */
export function init(language: string, folder: string): void {
  if (!Object.hasOwn(scaffolds, language)) {
    throw new UsageError(
      `init knows ${scaffoldedLanguages.join(', ')}, got ${language}; for others, spec/protocol.md says all that an adapter needs`,
    );
  }
  if (folder === '')
    throw new UsageError('init takes the name of a folder, got nothing; without one it is the current');
  const scaffold = scaffolds[language];
  const copies = scaffold.files.map(
    (file) => [projectFile(`implementations/${file}`), join(folder, basename(file))] as const,
  );
  const job = join(folder, workflowFile);
  const targets = [...copies.map(([, target]) => target), job];
  const taken = targets.find((target) => existsSync(target));
  if (taken !== undefined)
    throw new UsageError(`${taken} exists already, and nothing is overwritten; choose another folder`);
  try {
    mkdirSync(dirname(job), { recursive: true });
    for (const [source, target] of copies) copyFileSync(source, target);
    writeFileSync(job, workflow(scaffold));
  } catch (error) {
    throw new UsageError(`${folder} cannot be written: ${(error as Error).message}`);
  }
  for (const target of targets) print(`wrote ${target}`);
  print(`It needs ${scaffold.needs}. Put your implementation in its place, and judge it:`);
  const commands = [
    ...(folder === '.' ? [] : [`cd ${quoted(asFolder(folder))}`]),
    ...(scaffold.build === undefined ? [] : [scaffold.build]),
    `npx keepprob check ${scaffold.target}`,
  ];
  print(`  ${commands.join(' && ')}`);
}

/** What begins with a dash is an option of `cd`, or the folder before this one. */
const asFolder = (folder: string): string => (folder.startsWith('-') ? `./${folder}` : folder);
