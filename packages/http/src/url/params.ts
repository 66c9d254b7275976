/** A value of a parameter; several of one name are an array, none is left out. */
export type ParamValue = string | number | boolean | bigint | null | undefined
/** Parameters of a query or a form. */
export type Params = string | URLSearchParams | Readonly<Record<string, ParamValue | readonly ParamValue[]>> | Iterable<readonly [string, ParamValue | readonly ParamValue[]]>

/** Parameters as `name=value` pairs, escaped as forms are, in the order given. */
export function queryOf(params: Params): string {
  if (typeof params === 'string') return params.replace(/^\?/, '')
  if (params instanceof URLSearchParams) return params.toString()
  const query = new URLSearchParams()
  for (const [name, value] of Symbol.iterator in params ? params : Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) query.append(name, String(one))
    }
  }
  return query.toString()
}
