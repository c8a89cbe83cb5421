/** Two reels and the tape between them. */
export function Mark({ size = 20 }: { size?: number }) {
  return (
    <svg aria-hidden width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.6">
      <circle cx="5.6" cy="8.6" r="4" />
      <circle cx="14.4" cy="8.6" r="4" />
      <circle cx="5.6" cy="8.6" r="0.9" fill="currentColor" stroke="none" />
      <circle cx="14.4" cy="8.6" r="0.9" fill="currentColor" stroke="none" />
      <path d="M3.6 15.4h12.8" strokeLinecap="round" />
    </svg>
  );
}
