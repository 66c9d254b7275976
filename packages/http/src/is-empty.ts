/** Whether an object has no properties that can be listed; costs less than `Object.keys`. */
export function isEmpty(object: object): boolean {
  for (const _ in object) return false
  return true
}
