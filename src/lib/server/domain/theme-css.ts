/**
 * Makes an operator's own css harmless: it may style anything but load nothing, import nothing and never end the
 * stylesheet around it. The content security policy forbids the same in the browser.
 */

/** At-rules that only arrange; every other one is taken out with its block. */
const atRule = /@(?!(?:media|supports|container|keyframes|-webkit-keyframes)\b)[^;{}]*(?:;|\{[^{}]*\}?)?/gi;

/** Functions that fetch or run something. `url()` is checked separately. */
const loader =
	/(?<![\w-])(?:-webkit-)?(?:image-set|image|cross-fade|src|element|paint|expression|canvas)\(/gi;

const address = /(?<![\w-])url(?:-prefix)?\(\s*("[^"\n]*"?|'[^'\n]*'?|[^)\n]*)\s*\)?/gi;
const picture = /^data:image\/(?:png|jpeg|gif|webp|avif|svg\+xml);base64,[a-z0-9+/=]*$/i;

function keepPicture(_match: string, argument: string): string {
	const target = argument.trim().replace(/^["']|["']$/g, '');
	return picture.test(target) ? `url("${target}")` : 'none';
}

/** What is taken out leaves a space, so that its neighbours cannot become a new word; repeated until nothing changes. */
function strip(css: string): string {
	let current = css;
	for (let before = ''; before !== current;) {
		before = current;
		current = current.replace(atRule, ' ').replace(loader, 'none(').replace(address, keepPicture);
	}
	return current;
}

/** Closes what was left open; a brace that closes nothing becomes a space. */
function balance(css: string): string {
	let depth = 0;
	const kept = css.replace(/[{}]/g, (brace) => {
		if (brace === '{') depth += 1;
		else if (depth === 0) return ' ';
		else depth -= 1;
		return brace;
	});
	return kept + '}'.repeat(depth);
}

/**
 * The css without comments, escapes, imports, foreign addresses and markup. Pictures may be `data:` in base64.
 * Escapes (`\75rl`) are dropped because they could spell any of the rest; the character itself can be typed.
 */
export function sanitiseCss(css: string): string {
	const plain = css
		.replace(/[\\<\0]/g, '')
		.replace(/[\r\f]/g, '\n')
		.replace(/\/\*[^]*?(?:\*\/|$)/g, ' ');
	return balance(strip(plain)).trim();
}
