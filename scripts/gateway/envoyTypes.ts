/** A message that says of which type it is. */
export const typed = (type: string, rest: object = {}) => ({ '@type': `type.googleapis.com/${type}`, ...rest });

/** An extension of Envoy, by its name and the type of its configuration. */
export const extension = (name: string, type: string, rest: object = {}) => ({ name, typed_config: typed(type, rest) });
