using System.Net;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Door;

/// <summary>Refuses settings that contradict each other, and proxies that are none. It says all that is wrong at once.</summary>
internal sealed class DoorOptionsValidation : IValidateOptions<DoorOptions>
{
    public ValidateOptionsResult Validate(string? name, DoorOptions options)
    {
        var errors = new List<string>();
        if (options.Connections > 0 && options.ConnectionsPerAddress > options.Connections)
        {
            errors.Add(
                $"{Key(nameof(DoorOptions.ConnectionsPerAddress))} ({options.ConnectionsPerAddress}) must not exceed "
                + $"{Key(nameof(DoorOptions.Connections))} ({options.Connections}): one address could shut all others out.");
        }

        if (options.Connections > 0 && options.ConcurrentStreams >= options.Connections)
        {
            errors.Add(
                $"{Key(nameof(DoorOptions.ConcurrentStreams))} ({options.ConcurrentStreams}) must be below "
                + $"{Key(nameof(DoorOptions.Connections))} ({options.Connections}): streams could shut all other calls out.");
        }

        BelowBuffer(nameof(DoorOptions.RequestLineSize), options.RequestLineSize);
        BelowBuffer(nameof(DoorOptions.HeadersSize), options.HeadersSize);
        for (var i = 0; i < options.KnownProxies.Count; i++)
        {
            if (!IPAddress.TryParse(options.KnownProxies[i], out _))
                errors.Add($"{Key(nameof(DoorOptions.KnownProxies))}:{i} ({options.KnownProxies[i]}) is not an IP address.");
        }

        for (var i = 0; i < options.KnownNetworks.Count; i++)
        {
            if (!IPNetwork.TryParse(options.KnownNetworks[i], out var network))
                errors.Add($"{Key(nameof(DoorOptions.KnownNetworks))}:{i} ({options.KnownNetworks[i]}) is not a network such as 10.0.0.0/8.");
            else if (network.PrefixLength == 0)
                errors.Add($"{Key(nameof(DoorOptions.KnownNetworks))}:{i} ({network}) is everybody: every caller could choose its own address.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void BelowBuffer(string setting, int size)
        {
            if (size > options.RequestBufferSize)
            {
                errors.Add(
                    $"{Key(setting)} ({size}) must not exceed {Key(nameof(DoorOptions.RequestBufferSize))} ({options.RequestBufferSize}): "
                    + "it could never be read to its end.");
            }
        }
    }

    private static string Key(string setting) => $"{DoorOptions.Section}:{setting}";
}
