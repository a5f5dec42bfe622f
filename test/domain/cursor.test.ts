import fc from 'fast-check';
import { type CursorValue, decodeCursor, encodeCursor, parseSort, signatureOf } from '../../src/domain/lists/cursor';

const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean());
const any = () => true;

describe('a cursor', () => {
  test('gives back what was put into it', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(value), (text, values) => {
        const signature = signatureOf(text);
        const cursor = encodeCursor(signature, values);
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeCursor(cursor, signature, values.length, any)).toEqual(values);
      }),
    );
  });

  test('is none for another list, another number of values, or values that do not suit', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (values) => {
        const cursor = encodeCursor('0000000a', values);
        expect(decodeCursor(cursor, '0000000b', values.length, any)).toBeUndefined();
        expect(decodeCursor(cursor, '0000000a', values.length + 1, any)).toBeUndefined();
        expect(decodeCursor(cursor, '0000000a', values.length - 1, any)).toBeUndefined();
        const asked: CursorValue[] = [];
        expect(
          decodeCursor(cursor, '0000000a', values.length, (one, index) => asked.push(one) > 0 && index < values.length - 1),
        ).toBeUndefined();
        expect(asked).toEqual(values);
      }),
    );
  });

  test('is none when it was made by hand, and never breaks', () => {
    const json = fc.json().map((text) => Buffer.from(text).toString('base64url'));
    const bytes = fc.uint8Array().map((raw) => Buffer.from(raw).toString('base64url'));
    fc.assert(
      fc.property(fc.oneof(fc.string(), json, bytes), (text) => {
        expect(decodeCursor(text, 'signature', 1, any)).toBeUndefined();
      }),
    );
  });

  test.each([[null], [{ a: 1 }], [['a']]])('is none when it holds %j', (wrong) => {
    expect(decodeCursor(encodeCursor('s', [wrong as never]), 's', 1, any)).toBeUndefined();
  });
});

describe('a signature', () => {
  test('has eight hex digits and tells texts apart', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(signatureOf(text)).toMatch(/^[0-9a-f]{8}$/);
        expect(signatureOf(text)).toBe(signatureOf(text));
        expect(signatureOf(text)).not.toBe(signatureOf(`${text}a`));
      }),
    );
  });

  test('is FNV-1a', () => {
    expect([signatureOf(''), signatureOf('a'), signatureOf('foobar')]).toEqual(['811c9dc5', 'e40c292c', 'bf9cf968']);
  });
});

describe('a sort', () => {
  const sortable = ['name', 'createdAt', 'type'];

  test('is read in its order and directions', () => {
    const keys = fc.uniqueArray(fc.record({ member: fc.constantFrom(...sortable), descending: fc.boolean() }), {
      minLength: 1,
      selector: ({ member }) => member,
    });
    fc.assert(
      fc.property(keys, (wanted) => {
        const text = wanted.map(({ member, descending }) => (descending ? '-' : '') + member).join(',');
        expect(parseSort(text, sortable)).toEqual(wanted);
      }),
    );
  });

  test.each([
    ['', ''],
    ['id', 'id'],
    ['name,', ''],
    [',name', ''],
    ['name,name', 'name'],
    ['name,-name', '-name'],
    ['--name', '--name'],
    ['Name', 'Name'],
    [' name', ' name'],
    ['name;type', 'name;type'],
    ['+name', '+name'],
  ])('%j is refused at %j', (text, unknown) => expect(parseSort(text, sortable)).toEqual({ unknown }));
});
