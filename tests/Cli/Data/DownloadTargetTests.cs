using Orca.Cli.Commands;
using Orca.Cli.Data;

namespace Orca.Cli.Tests.Data;

public sealed class DownloadTargetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orca-target-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("https://host/a/set.jsonl", "set.jsonl")]
    [InlineData("https://host/a/set.jsonl?token=../../x#y", "set.jsonl")]
    [InlineData("https://host/a%20b/my%20set.jsonl", "my set.jsonl")]
    [InlineData("https://host/%C3%A9.txt", "é.txt")]
    [InlineData("https://host/a/../../../etc/passwd", "passwd")]
    public void In_a_folder_a_file_has_the_last_name_of_its_address(string address, string name)
    {
        Assert.Equal(Path.Combine(_folder, name), DownloadTarget.Of(new Uri(address), _folder));
        Assert.Equal($"new/{name}", DownloadTarget.Of(new Uri(address), "new/"));
    }

    [Theory]
    [InlineData("https://host")]
    [InlineData("https://host/a/")]
    [InlineData("https://host/..%2f..%2fetc%2fpasswd")]
    [InlineData("https://host/%2fetc%2fpasswd")]
    [InlineData("https://host/..%5c..%5cautoexec")]
    [InlineData("https://host/a/%2e%2e%2fx")]
    [InlineData("https://host/.bashrc")]
    [InlineData("https://host/a%00b")]
    [InlineData("https://host/a%0Ab")]
    [InlineData("https://host/c:x")]
    public void An_address_that_ends_in_no_safe_name_wants_one(string address)
    {
        var refusal = Assert.Throws<CommandException>(() => DownloadTarget.Of(new Uri(address), _folder));
        Assert.EndsWith("ends in no name for a file; say with --to FILE where it is put.", refusal.Message);
    }

    [Fact]
    public void A_name_that_no_file_can_have_wants_another() => Assert.Throws<CommandException>(
        () => DownloadTarget.Of(new Uri($"https://host/{new string('a', 250)}"), _folder));

    [Fact]
    public void A_path_that_is_no_folder_is_the_files_own() => Assert.Equal(
        Path.Combine(_folder, "mine.jsonl"),
        DownloadTarget.Of(new Uri("https://host/%2e%2e%2fx"), Path.Combine(_folder, "mine.jsonl")));
}
