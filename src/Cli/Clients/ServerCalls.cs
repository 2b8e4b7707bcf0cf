using Grpc.Core;
using Orca.Cli.Commands;

namespace Orca.Cli.Clients;

/// <summary>Calls to a server, whose absence is told with its address.</summary>
internal static class ServerCalls
{
    /// <summary>Runs calls to one address.</summary>
    /// <exception cref="CommandException">No server answers there.</exception>
    public static async Task<T> AtAsync<T>(Uri address, Func<Task<T>> calls)
    {
        try
        {
            return await calls();
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && e.Status.DebugException is not null)
        {
            throw new CommandException(
                $"No server answers at {address.Authority}; start one with 'orca daemon' or 'orca serve', or give its address.", e);
        }
    }
}
