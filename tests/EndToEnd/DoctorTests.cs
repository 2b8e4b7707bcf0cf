namespace Orca.EndToEnd.Tests;

public sealed class DoctorTests
{
    [Fact]
    public async Task The_doctor_finds_this_machine_fit()
    {
        using var folder = new TestFolder();
        var ended = await OrcaProcess.RunAsync(folder.Path, "doctor");
        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        foreach (var finding in new[] { "loaded from", "copy", "matrix product bf16", "write and flush", "attention, cache", "All is well." })
        {
            Assert.Contains(finding, ended.Output);
        }

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}
