/** Files are named for the thing they hold. */
import { describe, expect, it } from 'vitest';
import { exists, filesUnder, read } from './repository';

const files = ['src', 'plugins', 'tests', 'scripts', 'bin'].flatMap(filesUnder);
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

it('no file or folder has a name that says nothing', () => {
	const empty = /(^|\/)(utils?|helpers?|common|misc|managers?|services?)(\/|\.[a-z.]+$)/i;
	// flows/services.ts says what flows are given: it is the interface of that name, in one place.
	expect(files.filter((path) => empty.test(path) && path !== 'src/lib/server/flows/services.ts')).toEqual([]);
});

it('files are kebab-case, components PascalCase', () => {
	const wrong = files.filter((path) => {
		const name = nameOf(path);
		if (/^\+|^\./.test(name) || !/\.(ts|js|mjs|cjs|svelte)$/.test(name)) return false;
		return name.endsWith('.svelte')
			? !/^[A-Z][A-Za-z0-9]*\.svelte$/.test(name)
			: !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z-]+)*$/.test(name);
	});
	expect(wrong).toEqual([]);
});

describe('decisions', () => {
	const decisions = filesUnder('docs/decisions').map(nameOf).sort();

	it('are numbered without gaps', () => {
		expect(decisions.map((name) => Number(name.slice(0, 4)))).toEqual(decisions.map((_, index) => index + 1));
	});

	it.each(decisions)('%s says context, choice, cost and how to undo it', (name) => {
		const text = read('docs/decisions', name);
		expect(text).toMatch(new RegExp(`^# ${name.slice(0, 4)}`));
		for (const heading of ['Context', 'Choice', 'Cost', 'How to undo'])
			expect(text).toContain(`## ${heading}`);
	});
});

describe('documentation', () => {
	const pages = ['README.md', 'CHANGELOG.md', ...filesUnder('docs')].filter((path) => path.endsWith('.md'));

	it.each(pages)('%s leads only to what is there', (page) => {
		const folder = page.includes('/') ? page.slice(0, page.lastIndexOf('/')) : '';
		const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(
			([, target = '']) => target,
		);
		expect(links.filter((target) => !exists(folder, target))).toEqual([]);
	});
});
