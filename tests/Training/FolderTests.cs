using Orca.Tests.Shared;

namespace Orca.Training.Tests;

/// <summary>The folders of the room depend one way.</summary>
public class FolderTests
{
    private static readonly FolderOrder Room = new(
        "Training", "Packing", "Parameters", "Adapters", "Speed", "Optimization", "Loss", "Practice", "Activations", "Checkpoints", "Memory",
        "Running");

    [Fact]
    public void No_folder_names_one_that_stands_after_it() => Assert.Empty(Room.Faults());

    [Fact]
    public void Every_folder_has_its_place_in_the_order() => Assert.Equal(Room.Named, Room.Found);
}
