// dotnet run -c Release --project benchmarks/Serving -- --filter '*'
BenchmarkDotNet.Running.BenchmarkSwitcher.FromAssembly(typeof(Orca.Serving.Benchmarks.TokenSamplerBenchmarks).Assembly).Run(args);
