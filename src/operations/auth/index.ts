export { getCurrentPrincipal } from './getCurrentPrincipal';
export { login } from './login';
export { logout } from './logout';
