/**
 * The colours of the pages by day and by night, without the accent family: the colours that a theme that is always
 * light or always dark has to set. The same values are in ui/tokens.css (theme.test.ts compares the two files).
 */

export type Palette = Readonly<Record<keyof typeof day, string>>;

export const day = {
	page: '#f3f5f4',
	surface: '#ffffff',
	sunken: '#eef1ef',
	raised: '#ffffff',
	ink: '#15201c',
	muted: '#55625d',
	faint: '#6b7873',
	line: '#dfe4e2',
	edge: '#c4ccc8',
	'line-strong': '#84908b',
	danger: '#b3261e',
	'danger-fill': '#b3261e',
	'danger-soft': '#fcedec',
	success: '#1b6e46',
	'success-soft': '#e7f4ec',
	warning: '#855300',
	'warning-soft': '#fdf3dd',
	'shadow-card': '0 1px 2px rgb(21 32 28 / 5%), 0 12px 32px -12px rgb(21 32 28 / 14%)',
	'shadow-raised': '0 2px 6px rgb(21 32 28 / 8%), 0 16px 40px -8px rgb(21 32 28 / 20%)',
	scrim: 'rgb(15 23 20 / 46%)',
} as const;

export const night: Palette = {
	page: '#0d1210',
	surface: '#151b19',
	sunken: '#1b2220',
	raised: '#1e2623',
	ink: '#e7edea',
	muted: '#a3afaa',
	faint: '#8c9893',
	line: '#29312e',
	edge: '#3f4a46',
	'line-strong': '#6f7b76',
	danger: '#ff9a91',
	'danger-fill': '#c23a30',
	'danger-soft': '#351917',
	success: '#6ccf9f',
	'success-soft': '#14291f',
	warning: '#e9b860',
	'warning-soft': '#2e2410',
	'shadow-card': '0 1px 2px rgb(0 0 0 / 40%), 0 16px 40px -12px rgb(0 0 0 / 60%)',
	'shadow-raised': '0 2px 6px rgb(0 0 0 / 50%), 0 20px 48px -8px rgb(0 0 0 / 70%)',
	scrim: 'rgb(0 0 0 / 62%)',
};
