using Orca.Cli.Experimenting;
using Orca.Evaluation.Experiments;
using Orca.Streams.Tasks.Reasoning;

namespace Orca.Cli.Tests.Experimenting;

public class ExperimentStudentTests
{
    [Fact]
    public void Experiments_that_have_a_student_in_common_have_its_folder_in_common()
    {
        string Folder(string experiment, string arm, int seed = 1) => Student(experiment, arm, seed).Folder;

        Assert.Equal(Folder("explanations", "explanations"), Folder("protocols", "whole"));
        Assert.Equal(Folder("explanations", "explanations"), Folder("messages", "none"));
        Assert.NotEqual(Folder("explanations", "explanations"), Folder("explanations", "answers"));
        Assert.NotEqual(Folder("explanations", "explanations"), Folder("explanations", "explanations", seed: 2));
        Assert.NotEqual(Folder("protocols", "half"), Folder("protocols", "whole"));
    }

    [Fact]
    public void Families_left_out_of_training_are_others_for_each_seed_and_are_asked_about()
    {
        var students = Enumerable.Range(1, 5).Select(seed => Student("explanations", "answers", seed, heldOut: 3)).ToArray();

        Assert.Equal(ReasoningFamilies.All.Select(family => family.Name), students.SelectMany(student => student.HeldOut));
        Assert.All(students, student =>
        {
            Assert.Empty(student.Families.Intersect(student.HeldOut));
            Assert.Contains($"tasks.sources=[\"reasoning:{string.Join(',', student.Families)}\"]", student.Training);
            Assert.Equal(
                $"reasoning:{string.Join(',', student.HeldOut)}", student.Examination(StudentScore.HeldOutFamilies, "robust", "f")[2]);
        });
    }

    [Fact]
    public void It_is_asked_without_a_system_message_by_the_seed_it_was_trained_with()
    {
        var examination = Student("messages", "various", seed: 4).Examination(StudentScore.HeldOutInstances, "paper", "f");

        Assert.Equal(["eval", "run"], examination[..2]);
        Assert.Contains("run.seed=4", examination);
        Assert.Equal("", examination[examination.IndexOf("--system") + 1]);
    }

    private static ExperimentStudent Student(string experiment, string arm, int seed = 1, int heldOut = 0)
    {
        var definition = ExperimentDefinition.Parse(BuiltInExperiments.Read(experiment), experiment);
        var plan = new ExperimentPlan
        {
            Name = experiment,
            Question = definition.Question,
            Arms = [.. definition.Arms.Keys],
            Students = [],
            Pairs = [],
            Seeds = 5,
            Steps = 100,
            QuestionsPerTask = 4,
            HeldOutFamilies = heldOut,
            Protocols = ["robust"],
        };
        return new ExperimentStudent(definition, plan, arm, seed, "students", [], "");
    }
}
