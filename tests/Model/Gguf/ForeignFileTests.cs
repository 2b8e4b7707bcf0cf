using System.Text;

namespace Orca.Model.Tests.Gguf;

/// <summary>Files that are called .gguf and are none: the sentence says what they are.</summary>
public sealed class ForeignFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n", "it is a pointer of git-lfs")]
    [InlineData("<!DOCTYPE html><html><body>Sign in to see this file</body></html>", "a web page")]
    [InlineData("\n<html lang=en><body>404: there is no such file</body></html>", "a web page")]
    [InlineData("PK\u0003\u0004 archive/data.pkl and more of it", "another archive")]
    [InlineData("tjgg\u0003\0\0\0 and a vocabulary and weights", "from before GGUF")]
    [InlineData("\u0040\0\0\0\0\0\0\0{\"lm_head.weight\": {\"dtype\": \"BF16\"}}", "a safetensors file")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "begins with nothing but zeros")]
    [InlineData("nothing that anybody would know, at some length", "it is no GGUF file, so give")]
    public void Is_named(string content, string kind)
    {
        File.WriteAllBytes(folder["model.gguf"], Encoding.Latin1.GetBytes(content));
        var fault = TinyGguf.Fault(folder["model.gguf"]);
        Assert.StartsWith($"'{folder["model.gguf"]}' does not begin with 'GGUF'; ", fault, StringComparison.Ordinal);
        Assert.Contains(kind, fault, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();
}
