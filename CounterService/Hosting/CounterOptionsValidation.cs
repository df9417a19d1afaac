using Microsoft.Extensions.Options;

namespace Floodgate.CounterService.Hosting;

/// <summary>Settings that contradict each other stop the start.</summary>
internal sealed class CounterOptionsValidation : IValidateOptions<CounterOptions>
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, CounterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new List<string>();
        if (options.WidenAbove >= options.RefuseAbove)
        {
            errors.Add($"{Name(nameof(options.WidenAbove))} ({options.WidenAbove}) must be below {nameof(options.RefuseAbove)} ({options.RefuseAbove}), or writes are refused before anything else is tried.");
        }

        var (window, windowName) = options.LongestWindow > options.CoalesceWindow
            ? (options.LongestWindow, nameof(options.LongestWindow))
            : (options.CoalesceWindow, nameof(options.CoalesceWindow));
        if (options.ConfirmTimeout + window > Promise)
        {
            errors.Add($"{Name(nameof(options.ConfirmTimeout))} ({options.ConfirmTimeout}) and {windowName} ({window}) must together be 1 s at most, within which a caller is told that the broker is away.");
        }

        if (options.RememberFor <= options.RefuseAbove + options.FlushInterval)
        {
            errors.Add($"{Name(nameof(options.RememberFor))} ({options.RememberFor}) must be above {nameof(options.RefuseAbove)} ({options.RefuseAbove}) and {nameof(options.FlushInterval)} ({options.FlushInterval}) together, or Redis forgets what is not flushed yet.");
        }

        if (options.CounterLifetime <= options.RefuseAbove + options.FlushInterval)
        {
            errors.Add($"{Name(nameof(options.CounterLifetime))} ({options.CounterLifetime}) must be above {nameof(options.RefuseAbove)} ({options.RefuseAbove}) and {nameof(options.FlushInterval)} ({options.FlushInterval}) together, or Redis forgets what is not flushed yet.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static string Name(string setting) => $"{CounterOptions.Section}:{setting}";
}
