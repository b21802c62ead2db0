export const load = () => ({
	name: 'Floor',
	fields: ['identifier', 'password'],
	links: ['Register', 'Forgot password', 'Terms', 'Privacy'],
});
