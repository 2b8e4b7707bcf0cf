using System.Text.RegularExpressions;
using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Tests.Shared;

namespace Orca.Streams.Tests.Answers;

public sealed class OptionListTests
{
    [Theory]
    [InlineData("Where?\nOptions:\n(A) park\n(B) zoo", "A park|B zoo")]
    [InlineData("Where?\\nOptions:\\n(A) park\\n(B) zoo", "A park|B zoo")]
    [InlineData("Where? (A) park (B) zoo (C) the inn", "A park|B zoo|C the inn")]
    [InlineData("Where? (a) park, (b) zoo", "A park|B zoo")]
    [InlineData("Where?\n[A] park\n[B] zoo", "A park|B zoo")]
    [InlineData("Where? A) park B) zoo", "A park|B zoo")]
    [InlineData("Where?\nA. park\nB. zoo\nC. inn", "A park|B zoo|C inn")]
    [InlineData("Where?\nA: park\nB: zoo", "A park|B zoo")]
    [InlineData("Where?\n(A). park\n(B). zoo", "A park|B zoo")]
    [InlineData("Where?\na. park\nb. zoo", "A park|B zoo")]
    [InlineData("Where?\nOPTIONS:\n- park\n- zoo", "A park|B zoo")]
    [InlineData("Where?\nChoose from:\n* park\n* zoo", "A park|B zoo")]
    [InlineData("Where?\nPick your answer from:\n + park\n + zoo", "A park|B zoo")]
    [InlineData("Where?\nAvailable choices:\n[-] park\n[-] zoo", "A park|B zoo")]
    [InlineData("Where?\nChoices:\n1. park\n2. zoo", "A park|B zoo")]
    [InlineData("Where?\nPossible answers:\n(I) park\n(II) zoo\n(III) inn", "A park|B zoo|C inn")]
    [InlineData("Where?\nSelect from the following.\n(1) park\n(2) zoo", "A park|B zoo")]
    [InlineData("OPT:\n- yes\n- no\nIs it so?", "A yes|B no")]
    [InlineData("Statement (I) is long.\nOptions:\n(A)park\n(B)zoo", "A park|B zoo")]
    public void Options_are_read_in_the_usual_styles(string prompt, string options)
    {
        Assert.Equal(options, string.Join('|', OptionList.Of(prompt).Select(option => $"{option.Letter} {option.Text}")));
        Assert.True(OptionList.IsMultipleChoice(prompt));
    }

    [Theory]
    [InlineData("Why is the sky blue?")]
    [InlineData("Buy:\n- milk\n- bread")]
    [InlineData("Do this:\n1. Boil water.\n2. Add tea.")]
    [InlineData("A cat sat on a mat. B. Smith saw it.")]
    [InlineData("Ann walks 1) 3 north 2) 2 east. Is that back at the start?")]
    [InlineData("The plan (A) was good.")]
    [InlineData("What are my options in life?")]
    public void Other_questions_are_not_multiple_choice(string prompt) => Assert.False(OptionList.IsMultipleChoice(prompt));

    [Theory, InlineData("aqua_train.tsv", @"\\n\([A-E]\)"), InlineData("ecqa_train.tsv", @"\\n- "), InlineData("creak_train.tsv", @"\\n- ")]
    public void The_flan_choice_files_are_recognised_with_all_their_options(string file, string option)
    {
        foreach (var prompt in File.ReadLines(SharedData.Require($"flan_v2/cot_data/{file}")).Select(line => line.Split('\t')[0]))
        {
            var listed = prompt[Math.Max(0, prompt.LastIndexOf("Options:", StringComparison.OrdinalIgnoreCase))..];
            Assert.Equal((Regex.Count(listed, option), prompt), (OptionList.Of(prompt).Length, prompt));
        }
    }

    [Theory, InlineData("gsm8k_train.tsv"), InlineData("strategyqa_train.tsv")]
    public void Hardly_a_question_of_the_other_flan_files_is_taken_for_multiple_choice(string file)
    {
        var prompts = File.ReadLines(SharedData.Require($"flan_v2/cot_data/{file}")).Select(line => line.Split('\t')[0]).ToArray();
        Assert.True(prompts.Count(OptionList.IsMultipleChoice) <= prompts.Length * 0.002);
    }
}
