import adapter from '@sveltejs/adapter-node';

export default { kit: { adapter: adapter({ out: process.env.FLOOR_OUT }) } };
