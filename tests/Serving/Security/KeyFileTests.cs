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
        Assert.Contains("'bob'", Assert.Throws<ServingException>(() => KeyFile.Add(path, AccessKey.Create("bob", AccessScope.Read, out _))).Message);
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
}
