using Orca.Cli.Commands;
using Orca.Streams;
using Orca.Streams.Teachers;

namespace Orca.Cli.Tests.Commands;

public sealed class UserFaultTests
{
    private sealed class FullDisk : IOException
    {
        public FullDisk() : base("No space left on device") => HResult = 28;
    }

    [Fact]
    public void A_full_disk_is_told_with_a_remedy()
    {
        Assert.Contains("The disk is full", UserFault.SentenceOf(new FullDisk()));
        Assert.Contains("The disk is full", UserFault.SentenceOf(new InvalidOperationException("while writing", new FullDisk())));
    }

    [Fact]
    public void Faults_inside_other_exceptions_are_found()
    {
        Assert.Equal("no task", UserFault.SentenceOf(new TypeInitializationException("X", new TaskFormatException("no task"))));
        Assert.Equal("no teacher", UserFault.SentenceOf(new AggregateException(new TeacherException("no teacher"))));
    }

    [Fact]
    public void A_defect_is_no_fault_of_the_user()
    {
        Assert.Null(UserFault.SentenceOf(new InvalidOperationException("broken")));
        Assert.Null(UserFault.SentenceOf(new NullReferenceException()));
    }
}
