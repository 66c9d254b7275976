// So that the types stand by themselves: a program for browsers has neither Node's types nor, by default, this library.
/// <reference lib="esnext.disposable" preserve="true" />
/** The names of `using` and `await using`, given to runtimes that lack them: code compiled for those looks them up on `Symbol`. */
function symbolNamed<K extends 'dispose' | 'asyncDispose'>(name: K): SymbolConstructor[K] {
  if (Symbol[name] === undefined) Object.defineProperty(Symbol, name, { value: Symbol(`Symbol.${name}`) })
  return Symbol[name]
}

export const DISPOSE: typeof Symbol.dispose = symbolNamed('dispose')
export const ASYNC_DISPOSE: typeof Symbol.asyncDispose = symbolNamed('asyncDispose')
