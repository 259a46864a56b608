// How @jupyter/builder reads TypeScript: the compiler inside rspack strips the types, so a build
// needs neither TypeScript nor JupyterLab's own packages. `make check` runs the type checker.
module.exports = {
  resolve: { extensions: ['.tsx', '.ts', '.js'] },
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        type: 'javascript/auto',
        loader: 'builtin:swc-loader',
        options: {
          jsc: {
            parser: { syntax: 'typescript', tsx: true },
            transform: { react: { runtime: 'classic' } },
            target: 'es2021'
          }
        }
      }
    ]
  }
};
