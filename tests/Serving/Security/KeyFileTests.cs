using System.Runtime.Versioning;
using System.Text;
using Orca.Serving.Hosting;
using Orca.Serving.Security;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Security;

public class KeyFileTests
{
    [Fact]
    public void A_key_is_found_by_its_text_and_is_kept_nowhere()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "keys.txt");
        KeyFile.Add(path, AccessKey.Create("alice", AccessScope.Read, out var alices));
        KeyFile.Add(path, AccessKey.Create("bob", AccessScope.Control, out var bobs));

        var ring = new KeyRing(KeyFile.Read(path));

        Assert.Equal(("alice", AccessScope.Read), (ring.Find(alices)!.Name, ring.Find(alices)!.Scope));
        Assert.Equal(("bob", AccessScope.Control), (ring.Find(bobs)!.Name, ring.Find(bobs)!.Scope));
        Assert.Null(ring.Find(alices[..^1]));
        Assert.Null(ring.Find(""));
        Assert.Null(ring.Find(Convert.ToHexStringLower(AccessKey.HashOf(alices).AsSpan())));
        Assert.DoesNotContain(alices, File.ReadAllText(path));
        Assert.DoesNotContain(alices["orca-".Length..], File.ReadAllText(path));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public void A_key_has_256_random_bits()
    {
        AccessKey.Create("a", AccessScope.Read, out var one);
        AccessKey.Create("a", AccessScope.Read, out var other);
        Assert.NotEqual(one, other);
        Assert.Matches("^orca-[0-9a-f]{64}$", one);
    }

    [Fact]
    public void A_removed_key_opens_nothing_and_the_others_stay()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "keys.txt");
        KeyFile.Add(path, AccessKey.Create("alice", AccessScope.Read, out var alices));
        KeyFile.Add(path, AccessKey.Create("bob", AccessScope.Read, out var bobs));

        KeyFile.Remove(path, "alice");

        var ring = new KeyRing(KeyFile.Read(path));
        Assert.Null(ring.Find(alices));
        Assert.Equal("bob", ring.Find(bobs)!.Name);
        Assert.Contains("'alice'", Assert.Throws<ServingException>(() => KeyFile.Remove(path, "alice")).Message);
        Assert.Contains(
            "'bob'", Assert.Throws<ServingException>(() => KeyFile.Add(path, AccessKey.Create("bob", AccessScope.Read, out _))).Message);
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("sha256:00 read alice")]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000 admin alice")]
    public void A_line_that_is_no_key_is_told_by_its_number(string line)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "keys.txt");
        File.WriteAllText(path, $"# keys\n\n{line}\n");
        Assert.StartsWith($"Line 3 of the key file '{path}'", Assert.Throws<ServingException>(() => KeyFile.Read(path)).Message);
    }

    [Fact]
    public void A_missing_file_is_one_clear_sentence() =>
        Assert.Contains("orca keys add", Assert.Throws<ServingException>(() => KeyFile.Read("/nowhere/keys")).Message);

    [Fact]
    public void What_else_the_file_holds_stays_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "keys.txt");
        var bobs = $"sha256:{new string('0', 64)} read bob  ";
        var before = Encoding.UTF8.GetBytes($"\uFEFF# für Bob \r\n\r\n  # \t\r\n{bobs}");
        File.WriteAllBytes(path, [.. before, .. "\r\n# "u8, 0xff]);

        KeyFile.Add(path, AccessKey.Create("alice", AccessScope.Control, out _));
        Assert.Equal([.. before, .. "\r\n# "u8, 0xff, .. "\r\n"u8], File.ReadAllBytes(path)[..(before.Length + 7)]);
        KeyFile.Remove(path, "alice");
        Assert.Equal([.. before, .. "\r\n# "u8, 0xff, .. "\r\n"u8], File.ReadAllBytes(path));
        KeyFile.Remove(path, "bob");
        Assert.Equal([.. before[..^bobs.Length], .. "# "u8, 0xff, .. "\r\n"u8], File.ReadAllBytes(path));
    }

    [Fact]
    public void A_link_is_followed_and_stays_one()
    {
        using var folder = new TemporaryFolder();
        var (target, link) = (Path.Combine(folder.Path, "there", "keys.txt"), Path.Combine(folder.Path, "keys.txt"));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.CreateSymbolicLink(link, Path.Combine("there", "keys.txt"));

        KeyFile.Add(link, AccessKey.Create("alice", AccessScope.Read, out _));
        KeyFile.Add(link, AccessKey.Create("bob", AccessScope.Read, out _));
        KeyFile.Remove(link, "alice");

        Assert.Equal(Path.Combine("there", "keys.txt"), new FileInfo(link).LinkTarget);
        Assert.Equal("bob", Assert.Single(KeyFile.Read(target)).Name);
        Assert.Equal([target], Directory.GetFiles(Path.GetDirectoryName(target)!));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Its_mode_stays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no modes");
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "keys.txt");
        KeyFile.Add(path, AccessKey.Create("alice", AccessScope.Read, out _));
        const UnixFileMode shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        File.SetUnixFileMode(path, shared);

        KeyFile.Add(path, AccessKey.Create("bob", AccessScope.Read, out _));
        KeyFile.Remove(path, "alice");

        Assert.Equal(shared, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Its_owner_and_group_stay()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root can give files away");
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "keys.txt");
        KeyFile.Add(path, AccessKey.Create("alice", AccessScope.Read, out _));
        Assert.True(new FileOwner(12_345, 23_456, IsRegular: true).Take(path));

        KeyFile.Add(path, AccessKey.Create("bob", AccessScope.Read, out _));

        Assert.Equal(new FileOwner(12_345, 23_456, IsRegular: true), FileOwner.Of(path));
    }

    [Fact]
    public async Task Changes_at_the_same_time_lose_no_key_and_readers_see_whole_files()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "keys.txt");
        KeyFile.Add(path, AccessKey.Create("first", AccessScope.Read, out _));
        using var over = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            var most = 1;
            while (!over.IsCancellationRequested)
            {
                var keys = KeyFile.Read(path).Length;
                Assert.True(keys >= most, $"{keys} keys after {most}");
                most = keys;
            }
        });

        await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(() => KeyFile.Add(
            path, AccessKey.Create($"k{i}", AccessScope.Read, out _)))));
        await over.CancelAsync();
        await reading;

        Assert.Equal(
            ["first", .. Enumerable.Range(0, 24).Select(i => $"k{i}").Order(StringComparer.Ordinal)],
            KeyFile.Read(path).Select(key => key.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/nowhere/keys.txt", "folder '/nowhere'")]
    [InlineData("/dev/null", "it is no regular file")]
    [InlineData("", "cannot be changed")]
    public void A_file_that_cannot_be_changed_is_one_clear_sentence(string path, string expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the paths are Linux's");
        Assert.Contains(
            expected, Assert.Throws<ServingException>(() => KeyFile.Add(path, AccessKey.Create("a", AccessScope.Read, out _))).Message);
    }

    [Fact]
    public void What_a_killed_process_left_is_no_hindrance()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "keys.txt");
        KeyFile.Add(path, AccessKey.Create("alice", AccessScope.Read, out _));
        File.WriteAllText(path + ".new", "half a li");

        KeyFile.Add(path, AccessKey.Create("bob", AccessScope.Read, out _));

        Assert.Equal(["alice", "bob"], KeyFile.Read(path).Select(key => key.Name));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }
}
