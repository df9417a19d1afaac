namespace Floodgate.Bench.CommandLine;

/// <summary>One command of the bench: <c>bench replay</c>.</summary>
internal abstract class BenchCommand
{
    /// <summary>The word on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>One sentence for the list of commands.</summary>
    public abstract string Summary { get; }

    /// <summary>The options it knows, in the order of the help.</summary>
    public abstract IReadOnlyList<Option> Options { get; }

    /// <summary>Does it.</summary>
    /// <param name="arguments">The parsed options.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    /// <exception cref="UsageException">An argument or an input file is wrong.</exception>
    public abstract Task<int> RunAsync(Arguments arguments, CancellationToken cancellation);
}
