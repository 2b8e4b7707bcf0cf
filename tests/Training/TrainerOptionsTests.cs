namespace Orca.Training.Tests;

public sealed class TrainerOptionsTests
{
    [Fact]
    public void The_defaults_have_no_fault() => Assert.Empty(new TrainerOptions().Faults());

    [Fact]
    public void All_faults_are_named_at_once_with_key_value_and_remedy()
    {
        var options = new TrainerOptions
        {
            BatchRows = 0,
            Schedule = new() { Peak = double.NaN },
            Device = "gpu",
            MaxDuration = TimeSpan.Zero,
            AdamW = new() { Beta2 = 1 },
        };

        var error = Assert.Throws<TrainingException>(options.Validate);

        Assert.Equal(5, options.Faults().Count);
        Assert.Contains("training.batchRows is 0; it must be 1 or more (2 suits a small student).", error.Message);
        Assert.Contains("training.learningRate is NaN", error.Message);
        Assert.Contains("training.beta2 is 1", error.Message);
        Assert.Contains("training.device is 'gpu'; it must be cpu, cuda or cuda:N", error.Message);
        Assert.Contains("training.maxDuration is 00:00:00", error.Message);
    }
}
