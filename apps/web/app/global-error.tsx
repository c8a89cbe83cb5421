"use client";

export default function GlobalError() {
  return (
    <html lang="en">
      <body>
        <main role="alert">
          <title>Tape</title>
          <h1>The console failed</h1>
          <p>The runs themselves are not affected. Reload the page; if it stays like this, look at the log of the web server.</p>
        </main>
      </body>
    </html>
  );
}
