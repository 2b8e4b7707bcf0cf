using System.Text;
using Orca.Cli.Configuration;

namespace Orca.Cli.Tests.Configuration;

public sealed class SettingsDocumentTests
{
    [Fact]
    public void The_document_of_all_settings_is_up_to_date() => Golden.Holds("docs/settings.md", Write());

    private static string Write()
    {
        var text = new StringBuilder("""
            # Settings

            One file, `orca.json` in the current folder or the one that `--settings FILE` names: an object with an object a section.
            A variable `ORCA__SECTION__KEY` overrides it (`ORCA__TRAINING__LEARNINGRATE=1e-3`), a flag overrides both; `--set section.key=value`
            sets any of them. Lists and maps are JSON in the file, and separated by commas elsewhere (`--set curriculum.mixture=cot=2,niv2=1`);
            items that have commas themselves are a JSON array there too (`--tasks '["jsonl:one, two.jsonl"]'`), and a flag of a list may be
            given several times. Numbers have a decimal point and no other separators. A text is taken as it stands.
            A checkpoint's manifest is called `orca.json` too: a file with both `step` and `digests` is one, and is not read as settings.
            Everything is checked at the start, and every fault is named with its key.

            This page is written by `ORCA_WRITE_GOLDEN=1 dotnet run --project tests/Cli`, which also checks it.

            """);
        foreach (var section in KnownSetting.All.GroupBy(setting => setting.Key.Split('.')[0]))
        {
            text.Append($"\n## {section.Key}\n\n| key | meaning | default | range |\n|---|---|---|---|\n");
            foreach (var setting in section)
            {
                text.Append($"| `{setting.Key}` | {setting.Description.Meaning} | {SettingText.Default(setting)} | "
                    + $"{SettingParser.Expectation(setting)} |\n");
            }
        }

        return text.ToString().ReplaceLineEndings("\n");
    }
}
