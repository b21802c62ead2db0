/** What the console's parts write before the client router takes over. */
import { createRawSnippet } from 'svelte';
import { render } from 'svelte/server';
import { describe, expect, it } from 'vitest';
import { locales } from '$lib/i18n/locale';
import Users from '@lucide/svelte/icons/users';
import ColourField from './ColourField.svelte';
import DataTable from './DataTable.svelte';
import EmptyState from './EmptyState.svelte';
import ListField from './ListField.svelte';
import PageHeader from './PageHeader.svelte';
import Progress from './Progress.svelte';
import SecretField from './SecretField.svelte';
import Select from './Select.svelte';
import StatusDot from './StatusDot.svelte';
import Stepper from './Stepper.svelte';
import Switch from './Switch.svelte';
import Tabs from './Tabs.svelte';
import Time from './Time.svelte';

interface Person {
	id: string;
	name: string;
}
const people: Person[] = [
	{ id: 'u1', name: 'Lin' },
	{ id: 'u2', name: '<b>Wang</b>' },
];
const table = {
	label: 'Users',
	locale: 'en' as const,
	rows: people,
	columns: [{ id: 'name', head: 'Name', cell: (row: Person) => row.name }],
	rowKey: (row: Person) => row.id,
};
const says = (words: string) => createRawSnippet(() => ({ render: () => `<p>${words}</p>` }));

describe('DataTable', () => {
	it('is a table with a caption, heads and the rows as links', () => {
		const props = { ...table, rowHref: (row: Person) => `/users/${row.id}` };
		const { body } = render(DataTable<Person>, { props });
		expect(body).toMatch(/<caption[^>]*>Users<\/caption>/);
		expect(body).toMatch(/<th scope="col"[^>]*>.*Name/s);
		expect(body).toContain('href="/users/u1"');
		expect(body).not.toContain('<b>Wang');
	});

	it('offers boxes only where rows can be chosen, each with a name', () => {
		expect(render(DataTable<Person>, { props: table }).body).not.toContain('checkbox');
		const props = { ...table, selected: ['u2'], rowName: (row: Person) => row.name, bulk: says('Disable') };
		const { body } = render(DataTable<Person>, { props });
		expect(body.match(/type="checkbox"/g)).toHaveLength(3);
		expect(body).toContain('aria-label="Select Lin"');
		expect(body).toContain('1 selected');
		expect(body).toContain('Disable');
	});

	it('forgets a choice that is not on this page', () => {
		const { body } = render(DataTable<Person>, {
			props: { ...table, selected: ['u9'], bulk: says('Disable') },
		});
		expect(body).not.toContain('Disable');
	});

	it('explains itself when there is nothing, and does not while it loads', () => {
		const props = { ...table, rows: [], empty: says('Create the first') };
		expect(render(DataTable<Person>, { props }).body).toContain('Create the first');
		const loading = render(DataTable<Person>, { props: { ...props, loading: true } }).body;
		expect(loading).not.toContain('Create the first');
		expect(loading).toContain('aria-busy="true"');
	});

	it('links only to the pages that exist', () => {
		const { body } = render(DataTable<Person>, { props: { ...table, pages: { next: '?after=u2' } } });
		expect(body).toContain('href="?after=u2"');
		expect(body).not.toContain('Previous');
	});
});

describe('Time', () => {
	const at = Date.UTC(2026, 10, 20, 1, 5);

	it('is exact for machines and on hover, short for the eye', () => {
		const { body } = render(Time, { props: { at, locale: 'en', zone: 'Asia/Shanghai', from: at + 120_000 } });
		expect(body).toContain('datetime="2026-11-20T01:05:00.000Z"');
		expect(body).toMatch(/title="[^"]*9:05:00[^"]*GMT\+8/);
		expect(body).toContain('2 minutes ago');
	});

	it('shows a dash for what never happened', () => {
		expect(render(Time, { props: { at: null, locale: 'en' } }).body).toContain('—');
	});
});

describe('SecretField', () => {
	it('never shows a stored secret, and offers to replace it', () => {
		const props = {
			name: 'secret',
			label: 'Client secret',
			stored: true,
			locale: 'en' as const,
			value: 's3cret',
		};
		const { body } = render(SecretField, { props });
		expect(body).not.toContain('s3cret');
		expect(body).not.toContain('<input');
		expect(body).toContain('aria-label="Replace Client secret"');
	});

	it('asks for a secret where none is stored', () => {
		const props = { name: 'secret', label: 'Client secret', stored: false, locale: 'en' as const };
		expect(render(SecretField, { props }).body).toMatch(/<label[^>]*for="secret"/);
	});
});

describe('ListField', () => {
	it('repeats one name, with a line to type into even when empty', () => {
		const props = { name: 'uri', label: 'Addresses', locale: 'en' as const };
		expect(render(ListField, { props: { ...props, values: [] } }).body.match(/<input/g)).toHaveLength(1);
		const { body } = render(ListField, { props: { ...props, values: ['a', 'b'], error: { 1: ['bad'] } } });
		expect(body.match(/name="uri"/g)).toHaveLength(2);
		expect(body.match(/aria-invalid="true"/g)).toHaveLength(1);
		expect(body).toContain('bad');
	});
});

describe('the rest', () => {
	it('Switch is a switch that is sent with a form', () => {
		const { body } = render(Switch, { props: { label: 'On', name: 'on', hint: 'Why', checked: true } });
		expect(body).toMatch(/role="switch"/);
		expect(body).toContain('name="on"');
		expect(body).toContain('aria-describedby="on-hint"');
	});

	it('Select marks the chosen option', () => {
		const options = [
			{ value: 'a', text: 'A' },
			{ value: 'b', text: 'B' },
		];
		const { body } = render(Select, { props: { name: 's', label: 'S', options, value: 'b' } });
		expect(body).toMatch(/<option value="b" selected/);
	});

	it('ColourField shows black for an invalid colour, and keeps what was typed', () => {
		const { body } = render(ColourField, { props: { name: 'c', label: 'C', value: '#12' } });
		expect(body).toContain('value="#000000"');
		expect(body).toContain('value="#12"');
	});

	it.each(locales)('Stepper says each state in words (%s)', (locale) => {
		const steps = (['done', 'current', 'failed', 'waiting'] as const).map((state) => ({
			title: state,
			state,
		}));
		const { body } = render(Stepper<(typeof steps)[number]>, { props: { steps, locale } });
		expect(body).toContain(locale === 'en' ? 'Failed' : '失败');
		expect(body.match(/aria-current="step"/g)).toHaveLength(1);
	});

	it('Tabs mark the current one', () => {
		const items = [
			{ text: 'A', href: '/a', current: true },
			{ text: 'B', href: '/b' },
		];
		expect(
			render(Tabs, { props: { items, label: 'Parts' } }).body.match(/aria-current="page"/g),
		).toHaveLength(1);
	});

	it('PageHeader names the tab', () => {
		const { head, body } = render(PageHeader, { props: { title: 'Users' } });
		expect(head).toContain('<title>Users</title>');
		expect(body).toMatch(/<h1[^>]*>Users<\/h1>/);
	});

	it('EmptyState, StatusDot and Progress say it in words', () => {
		const empty = { icon: Users, title: 'No users yet', text: 'They appear here.' };
		expect(render(EmptyState, { props: empty }).body).toContain('They appear here.');
		expect(render(StatusDot, { props: { tone: 'danger', text: 'Disabled' } }).body).toContain('Disabled');
		expect(render(Progress, { props: { label: 'Import', value: 1, max: 3 } }).body).toContain('33 %');
		expect(render(Progress, { props: { label: 'Import' } }).body).not.toContain('%');
	});
});
