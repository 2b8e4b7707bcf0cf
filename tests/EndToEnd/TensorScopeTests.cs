using System.Text.RegularExpressions;
using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>
/// What may not stand in the sources: TorchSharp's dispose scopes and gradient modes belong to a thread, so nothing may be
/// awaited, or handed to a caller in pieces, within one; and a TorchScript that does not compile ends the process.
/// </summary>
public sealed partial class TensorScopeTests
{
    [Fact]
    public void Nothing_is_awaited_within_a_dispose_scope_or_a_gradient_mode()
    {
        var scopes = Sources().SelectMany(file => Scopes(File.ReadAllText(file)).Select(scope => (File: file, Scope: scope))).ToList();

        Assert.True(scopes.Count > 10, "the sources have scopes");
        Assert.DoesNotContain(scopes, found => IsLeft(found.Scope));
    }

    [Theory]
    [InlineData("void F() { using var scope = NewDisposeScope(); G(); }", false)]
    [InlineData("async Task F() { await G(); { using var mode = torch.inference_mode(); } await G(); }", false)]
    [InlineData("async Task F() { using var mode = torch.inference_mode(); if (x) { await G(); } }", true)]
    [InlineData("async Task F() { using (no_grad()) { await G(); } }", true)]
    [InlineData("async Task F() { using (no_grad()) { G(); } await G(); }", false)]
    [InlineData("IEnumerable<int> F() { using var scope = torch.NewDisposeScope(); yield return 1; }", true)]
    public void The_search_finds_what_it_is_for(string source, bool isFault) => Assert.Equal(isFault, Scopes(source).Any(IsLeft));

    [Fact]
    public void Nothing_is_written_in_TorchScript()
    {
        Assert.DoesNotContain(Sources(), file => Script().IsMatch(File.ReadAllText(file)));
        Assert.Matches(Script(), "var unit = torch.jit.compile(text);");
    }

    private static IEnumerable<string> Sources() =>
        Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static bool IsLeft(string scope) => Leaving().IsMatch(scope);

    /// <summary>The text that each scope spans: to the end of its own block, or of the one it stands in.</summary>
    private static IEnumerable<string> Scopes(string source)
    {
        foreach (Match opening in Opening().Matches(source))
        {
            var start = opening.Index + opening.Length;
            var depth = opening.Value.StartsWith("using (", StringComparison.Ordinal) ? -1 : 0;
            var end = start;
            for (var isOpen = true; isOpen && end < source.Length; end++)
            {
                // A block of its own begins at -1, and ends where it comes back there; a declaration ends below where it stands.
                depth += source[end] switch { '{' => depth == -1 ? 2 : 1, '}' => -1, _ => 0 };
                isOpen = source[end] != '}' || (opening.Value.StartsWith("using (", StringComparison.Ordinal) ? depth > 0 : depth >= 0);
            }

            yield return source[start..end];
        }
    }

    [GeneratedRegex(@"using (var \w+ = |\()(torch\.)?(NewDisposeScope|inference_mode|no_grad|enable_grad|set_grad_enabled)\(")]
    private static partial Regex Opening();

    [GeneratedRegex(@"\bawait\b|\byield\b")]
    private static partial Regex Leaving();

    [GeneratedRegex(@"\bjit\.|CompilationUnit|ScriptModule")]
    private static partial Regex Script();
}
