import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sanitiseCss } from './theme-css';

const loads =
	/(?<![\w-])url\((?!"data:image\/)|@import|@font-face|@charset|@namespace|(?<![\w-])(?:image-set|src)\(|expression\(|<|\\/i;

describe('sanitiseCss', () => {
	it('leaves ordinary rules as they are', () => {
		const css = '.card > h1 { color: var(--ink); }\n@media (min-width: 40em) { .card { border: 0 } }';
		expect(sanitiseCss(css)).toBe(css);
	});

	it.each([
		['an import', "@import url('https://evil.example/a.css');", ''],
		['an import without its end', '@import "//evil.example"', ''],
		[
			'an import inside an import',
			'@im@import x;port "https://evil.example";',
			'port "https://evil.example";',
		],
		['a font', '@font-face { font-family: x; src: url(https://evil.example/f) }', ''],
		['a foreign picture', '.a { background: url(https://evil.example/x.png) }', '.a { background: none }'],
		[
			'a foreign picture in quotes',
			".a { background: URL( 'http://evil.example' ) }",
			'.a { background: none }',
		],
		[
			'an address of this origin',
			'.a { background: url(/apps/1/oidc/session/end) }',
			'.a { background: none }',
		],
		['an address that never ends', '.a { background: url(https://evil.example', '.a { background: none}'],
		[
			'an escaped name',
			'.a { background: \\75rl(https://evil.example) }',
			'.a { background: 75rl(https://evil.example) }',
		],
		[
			'a name in pieces',
			'.a { background: u/**/rl(https://evil.example) }',
			'.a { background: u rl(https://evil.example) }',
		],
		[
			'image-set',
			'.a { background: image-set("https://evil.example/x.png" 1x) }',
			'.a { background: none("https://evil.example/x.png" 1x) }',
		],
		[
			'the end of a style element',
			'.a{}</style><script>alert(1)</script>',
			'.a{}/style>script>alert(1)/script>',
		],
		['a comment that never ends', '.a{color:red} /* url(x)', '.a{color:red}'],
		['a rule that never ends', '.a { .b { color: red', '.a { .b { color: red}}'],
		['a name around a brace', '.a{} ur}l(https://evil.example)', '.a{} ur l(https://evil.example)'],
		['a brace that closes nothing', '} .a { color: red }', '.a { color: red }'],
	])('takes care of %s', (_name, css, clean) => {
		expect(sanitiseCss(css)).toBe(clean);
	});

	it('allows a picture inside the stylesheet', () => {
		const css = '.a { background: url("data:image/png;base64,iVBORw0KGgo=") }';
		expect(sanitiseCss(css)).toBe(css);
		expect(sanitiseCss('.a{background:url(data:text/html;base64,AAAA)}')).toBe('.a{background:none}');
	});

	it('lets nothing load and closes all braces, for any input', () => {
		const piece = fc.constantFrom(
			...[
				'@import',
				'@media',
				'@font-face',
				' ',
				'"',
				"'",
				';',
				'{',
				'}',
				'(',
				')',
				'/*',
				'*/',
				'\\',
				'<',
				'\n',
			],
			...[
				'url(',
				'u',
				'rl(',
				'image-set(',
				'src(',
				'//evil.example',
				'data:image/png;base64,AA',
				'a',
				':',
				'\\75',
				'@im',
			],
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
				const clean = sanitiseCss(pieces.join(''));
				expect(clean).not.toMatch(loads);
				expect(clean.split('{').length).toBe(clean.split('}').length);
				expect(sanitiseCss(clean)).toBe(clean);
			}),
			{ numRuns: 3000 },
		);
	});
});
