using TorchSharp;

namespace Orca.Cli.Doctor;

/// <summary>Times short work.</summary>
internal static class Stopwatch
{
    /// <summary>The shortest of five tries, in seconds, after one that is not counted; waits for the device each time.</summary>
    public static double Best(torch.Device device, Action work)
    {
        double Once()
        {
            var started = TimeProvider.System.GetTimestamp();
            work();
            if (device.type == DeviceType.CUDA)
            {
                torch.cuda.synchronize(device);
            }

            return TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        }

        Once();
        return Enumerable.Range(0, 5).Min(_ => Once());
    }
}
