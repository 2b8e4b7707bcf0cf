using System.Text;
using Orca.Cli.Teacher.Faults;
using Orca.Tests.Shared;

namespace Orca.Cli.Tests.Teacher;

public sealed class TeacherPageTests
{
    private const string Page = "docs/teacher.md";
    private const string Begin = "| fault | what the caller sees | owed |\n";
    private const string End = "\n## Batches\n";

    [Fact]
    public void The_page_lists_every_fault()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, Page)).ReplaceLineEndings("\n");
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        Golden.Holds(Page, text[..begin] + Table() + text[end..]);
    }

    private static string Table()
    {
        var table = new StringBuilder(Begin + "|---|---|---|\n");
        foreach (var kind in FaultKind.All)
        {
            var owed = kind switch { RefusedCall => "", BrokenReply { IsLost: true } => "as lost", _ => "yes" };
            table.Append($"| `{kind.Name}` | {kind.Meaning} | {owed} |\n");
        }

        return table.ToString();
    }
}
