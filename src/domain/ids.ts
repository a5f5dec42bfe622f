const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text can be an id at all: a lower-case uuid. Whatever else a client sends is an id that nothing has. */
export const isId = (text: string): boolean => uuid.test(text);
