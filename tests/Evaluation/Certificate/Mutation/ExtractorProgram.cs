using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Orca.Evaluation.Tests.Certificate.Mutation;

/// <summary>
/// The extractor's source as a program of its own that can be changed, compiled and run. Its patterns are taken from a table at run
/// time, and its loops stop where they do not end.
/// </summary>
internal sealed class ExtractorProgram
{
    private const string Probe =
        """
        using System.Text.RegularExpressions;
        namespace Orca.Streams.Answers;
        public static class Probe
        {
            private const int MostTurns = 2_000_000;
            private static int turns;

            public static Regex[] Patterns { get; set; } = [];

            public static bool[] Used { get; set; } = [];

            // The last two are read when the patterns are gathered.
            public static Regex Pattern(int index, string pattern, RegexOptions options)
            {
                Used[index] = true;
                return Patterns[index];
            }

            public static void Turn()
            {
                if (++turns > MostTurns)
                {
                    throw new TimeoutException();
                }
            }

            public static string? Extract(string response, int kind)
            {
                turns = 0;
                return AnswerExtractor.Extract(response, (AnswerKind)kind);
            }

            public static int Judge(string response, int kind, string gold, string question)
            {
                turns = 0;
                return (int)AnswerMatch.Judge(response, new ExpectedAnswer((AnswerKind)kind, [gold], question));
            }
        }
        """;

    private const string Usings = "global using System; global using System.Collections.Generic; global using System.Linq; "
        + "global using System.IO; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Preview);

    private readonly CSharpCompilation compilation;
    private readonly ImmutableDictionary<string, SyntaxTree> trees;
    private readonly ImmutableDictionary<(string File, string Where), int> indices;

    public ExtractorProgram(IReadOnlyDictionary<string, string> files)
    {
        Sources = files.ToImmutableDictionary(file => file.Key, file => Parse(file.Value, file.Key));
        var patterns = Sources.OrderBy(file => file.Key, StringComparer.Ordinal)
            .SelectMany(file => file.Value.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>().Where(Answered.IsPattern)
                .Select(method => (file.Key, method.Identifier.Text))).ToArray();
        indices = patterns.Select((pattern, i) => (pattern, i)).ToImmutableDictionary(pair => pair.pattern, pair => pair.i);
        trees = Sources.ToImmutableDictionary(file => file.Key, file => Runnable(file.Key, file.Value));
        compilation = CSharpCompilation.Create(
            "Mutant",
            [.. trees.Values, Parse(Probe, "Probe.cs"), Parse(Usings, "Usings.cs")],
            References(),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release,
                nullableContextOptions: NullableContextOptions.Enable, concurrentBuild: false));
        Patterns = [.. PatternsOf()];
    }

    /// <summary>The files as they are.</summary>
    public ImmutableDictionary<string, SyntaxTree> Sources { get; }

    /// <summary>The regular expressions, with their options.</summary>
    public ImmutableArray<(string File, string Where, int Index, string Pattern, int Options)> Patterns { get; }

    /// <summary>The program as it is; throws where it does not compile.</summary>
    public byte[] Compile() => Emit(compilation) ?? throw new InvalidOperationException(
        string.Join('\n', compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));

    /// <summary>The program with one change; null where it does not compile.</summary>
    public byte[]? Compile(CodeMutant mutant)
    {
        var text = Sources[mutant.File].GetText().Replace(mutant.Span, mutant.Becomes);
        return Emit(compilation.ReplaceSyntaxTree(trees[mutant.File], Runnable(mutant.File, Parse($"{text}", mutant.File))));
    }

    private static byte[]? Emit(CSharpCompilation program)
    {
        using var stream = new MemoryStream();
        return program.Emit(stream).Success ? stream.ToArray() : null;
    }

    private IEnumerable<(string, string, int, string, int)> PatternsOf()
    {
        foreach (var (file, tree) in trees)
        {
            var model = compilation.GetSemanticModel(tree);
            foreach (var call in tree.GetRoot().DescendantNodes().OfType<InvocationExpressionSyntax>()
                .Where(call => $"{call.Expression}" == "global::Orca.Streams.Answers.Probe.Pattern"))
            {
                var arguments = call.ArgumentList.Arguments.Select(one => model.GetConstantValue(one.Expression).Value).ToArray();
                var index = (int)arguments[0]!;
                var key = indices.First(pair => pair.Value == index).Key;
                yield return (file, key.Where, index, (string)arguments[1]!, (int)arguments[2]!);
            }
        }
    }

    // A pattern that the compiler would write becomes one that is looked up; a loop counts its turns.
    private SyntaxTree Runnable(string file, SyntaxTree tree)
    {
        var root = tree.GetRoot();
        var edits = root.DescendantNodes().SelectMany(node => Edit(file, node)).OrderBy(change => change.Span.Start);
        return Parse($"{tree.GetText().WithChanges(edits)}", file);
    }

    private IEnumerable<TextChange> Edit(string file, SyntaxNode node)
    {
        if (node is MethodDeclarationSyntax method && Answered.IsPattern(method))
        {
            var arguments = method.AttributeLists[0].Attributes[0].ArgumentList!.Arguments;
            var options = arguments.Count > 1 ? $"{arguments[1]}" : "RegexOptions.None";
            var modifiers = string.Join(' ', method.Modifiers.Where(modifier => !modifier.IsKind(SyntaxKind.PartialKeyword)));
            yield return new TextChange(method.Span, $"{modifiers} Regex {method.Identifier}() => "
                + $"global::Orca.Streams.Answers.Probe.Pattern({indices[(file, method.Identifier.Text)]}, {arguments[0]}, {options});");
        }

        if (node is StatementSyntax and (ForStatementSyntax or WhileStatementSyntax or ForEachStatementSyntax))
        {
            var body = node.ChildNodes().OfType<BlockSyntax>().Last();
            yield return new TextChange(new TextSpan(body.SpanStart + 1, 0), " global::Orca.Streams.Answers.Probe.Turn();");
        }
    }

    private static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(text, Language, path);

    private static IEnumerable<MetadataReference> References() => ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator).Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
        .Select(path => MetadataReference.CreateFromFile(path));
}
