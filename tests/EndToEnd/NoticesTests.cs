using System.Text.Json;
using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

public sealed class NoticesTests
{
    [Fact]
    public void Every_package_that_is_shipped_is_named_with_its_terms()
    {
        var notices = File.ReadAllText(Path.Combine(Repository.Root, "THIRD-PARTY-NOTICES.md"));
        using var shipped = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(OrcaProcess.Program, ".deps.json")));
        var packages = shipped.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package")
            .Select(library => library.Name.Split('/')[0]);
        Assert.Superset(packages.ToHashSet(), notices.Split(['|', ',', ' ', '\n']).ToHashSet());
    }
}
