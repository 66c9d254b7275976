// Makes the types self-contained: a program for browsers has neither Node's types nor, by default, this library.
/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Returns the symbol behind `using` or `await using`, defining it on runtimes that lack it: code compiled for those looks it up
 * on `Symbol`.
 */
function symbolNamed<K extends 'dispose' | 'asyncDispose'>(name: K): SymbolConstructor[K] {
  if (Symbol[name] === undefined) Object.defineProperty(Symbol, name, { value: Symbol(`Symbol.${name}`) })
  return Symbol[name]
}

export const DISPOSE: typeof Symbol.dispose = symbolNamed('dispose')
export const ASYNC_DISPOSE: typeof Symbol.asyncDispose = symbolNamed('asyncDispose')
