using Orca.Tests.Shared;

namespace Orca.Training.Tests;

/// <summary>The folders of the room depend one way.</summary>
public class FolderTests
{
    private static readonly FolderOrder Room = new(
<<<<<<< HEAD
        "Training", "Packing", "Parameters", "Speed", "Optimization", "Loss", "Activations", "Checkpoints", "Memory", "Running");
=======
        "Training", "Packing", "Parameters", "Adapters", "Optimization", "Loss", "Activations", "Checkpoints", "Memory", "Running");
>>>>>>> 3c7ba0f (LoRA: adapters trained beside frozen weights, merged where they are published, kept as PEFT names them; a run goes on from the base that it began with)

    [Fact]
    public void No_folder_names_one_that_stands_after_it() => Assert.Empty(Room.Faults());

    [Fact]
    public void Every_folder_has_its_place_in_the_order() => Assert.Equal(Room.Named, Room.Found);
}
