/** Finds what the packages export, and where and how it is declared and documented, in the sources. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'rolldown/utils'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const PACKAGES = ['core', 'net', 'process', 'http']
const modules = new Map()
/** The declarations that some entry point exports: the members of other base classes are listed with their subclasses. */
const exported = new Set(
  PACKAGES.flatMap((name) => entriesOf(name).flatMap(({ file }) => exportsOf(file))).flatMap(({ nodes }) => nodes),
)

/** The entry points of a package with their source files. */
export function entriesOf(name) {
  const folder = join(root, 'packages', name)
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return Object.entries(exports)
    .filter(([, { types }]) => types !== undefined)
    .map(([path, { types }]) => ({
      path,
      file: join(folder, types.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts')),
    }))
}

/** A parsed source file. */
function moduleAt(file) {
  let found = modules.get(file)
  if (found === undefined) {
    const source = readFileSync(file, 'utf8')
    const { program, comments } = parseSync(file, source)
    found = { file, source, body: program.body, comments }
    modules.set(file, found)
  }
  return found
}

/** What a file exports, each with the module and the nodes that declare it. */
export function exportsOf(file) {
  const module = moduleAt(file)
  return module.body.flatMap((node) => {
    if (node.type === 'ExportAllDeclaration') {
      const all = exportsOf(resolve(file, node.source.value))
      return node.exported === null
        ? all
        : all.map((found) => ({ ...found, name: `${node.exported.name}.${found.name}` }))
    }
    if (node.type !== 'ExportNamedDeclaration') return []
    if (node.declaration) return namesOf(node.declaration).map((name) => find(module, name, name))
    return node.specifiers.map(({ local, exported }) =>
      node.source
        ? find(moduleAt(resolve(file, node.source.value)), local.name, exported.name)
        : find(module, local.name, exported.name),
    )
  })
}

/** Finds the declarations of a name, through re-exports and imports. */
function find(module, local, name) {
  const nodes = module.body.filter((node) => namesOf(node.declaration ?? node).includes(local))
  if (nodes.length > 0) return { name, local, module, nodes, file: module.file }
  for (const node of module.body) {
    for (const specifier of node.source ? (node.specifiers ?? []) : []) {
      const own = specifier.type === 'ImportSpecifier' ? specifier.local : specifier.exported
      const theirs = specifier.type === 'ImportSpecifier' ? specifier.imported : specifier.local
      if (own?.name === local) return find(moduleAt(resolve(module.file, node.source.value)), theirs.name, name)
    }
  }
  throw new Error(`Expected a declaration of ${local} in ${module.file}`)
}

/** The source file that an import leads to, also in another package. */
function resolve(from, specifier) {
  const [scope, name, entry = 'index'] = specifier.split('/')
  return scope === '@greenlit' ? join(root, 'packages', name, 'src', `${entry}.ts`) : join(dirname(from), specifier)
}

function namesOf(declaration) {
  if (declaration.type === 'VariableDeclaration') return declaration.declarations.map(({ id }) => id.name)
  return declaration.id?.name === undefined ? [] : [declaration.id.name]
}

/** The declaration that says most about a name: the class or function, also where the name is a constant that holds one. */
export function behind(module, nodes, name) {
  const declarations = nodes.map((node) => node.declaration ?? node)
  const declaration = declarations.find(({ type }) => /Class|Function/.test(type))
  if (declaration !== undefined) return { module, declaration }
  const variable = declarations.flatMap((node) => node.declarations ?? []).find(({ id }) => id.name === name)
  let init = variable?.init
  while (init?.type === 'TSAsExpression') init = init.expression
  if (init?.type === 'ClassExpression') return { module, declaration: init }
  if (init?.type === 'Identifier') {
    const found = find(module, init.name, name)
    return behind(found.module, found.nodes, name)
  }
  return { module, declaration: declarations[0] }
}

/** A class with those of its base classes that no entry point exports, the class itself first. */
export function ancestry(module, declaration) {
  const { superClass } = declaration
  const line = [{ module, declaration }]
  if (superClass?.type !== 'Identifier') return line
  const base = tryFind(module, superClass.name)
  if (base === undefined || base.nodes.some((node) => exported.has(node))) return line
  const { declaration: inherited } = behind(base.module, base.nodes, superClass.name)
  return inherited.type.includes('Class') ? [...line, ...ancestry(base.module, inherited)] : line
}

/** As `find`; `undefined` for what is not ours, as `Error`. */
function tryFind(module, name) {
  try {
    return find(module, name, name)
  } catch {
    return undefined
  }
}

export function membersOf({ module, declaration }) {
  if (declaration.type.includes('Class')) {
    return ancestry(module, declaration).flatMap((own) =>
      own.declaration.body.body
        .filter(({ accessibility }) => accessibility !== 'protected' || own.declaration === declaration)
        .map((member) => ({ member, module: own.module })),
    )
  }
  return declaration.type === 'TSInterfaceDeclaration'
    ? declaration.body.body.map((member) => ({ member, module }))
    : []
}

/** The docstring right above a node, without its stars; `undefined` if it has none. */
export function docOf({ source, comments }, { start }) {
  const comment = comments.findLast((candidate) => candidate.end <= start && candidate.type === 'Block')
  if (comment === undefined || !comment.value.startsWith('*')) return undefined
  const between = source.slice(comment.end, start).replaceAll(/^\s*\/\/.*$/gm, '')
  if (between.trim() !== '') return undefined
  return comment.value.replaceAll(/^\s*\*? ?/gm, '').trim()
}
