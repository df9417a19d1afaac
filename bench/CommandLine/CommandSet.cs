using Spectre.Console;

namespace Floodgate.Bench.CommandLine;

/// <summary>Finds the command, shows the help, turns errors into exit codes.</summary>
internal sealed class CommandSet(IAnsiConsole console, IReadOnlyList<BenchCommand> commands)
{
    /// <summary>Runs the command that the words name.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> words, CancellationToken cancellation)
    {
        if (words.Count == 0 || words[0] is "--help" or "-h" or "help")
        {
            ShowCommands();
            return words.Count == 0 ? ExitCode.Usage : ExitCode.Good;
        }

        var command = commands.FirstOrDefault(c => c.Name == words[0]);
        if (command is null)
        {
            console.WriteLine($"{words[0]}: there is no such command.");
            ShowCommands();
            return ExitCode.Usage;
        }

        if (words.Contains("--help", StringComparer.Ordinal) || words.Contains("-h", StringComparer.Ordinal))
        {
            ShowOptions(command);
            return ExitCode.Good;
        }

        return await RunAsync(command, words.Skip(1).ToArray(), cancellation);
    }

    private async Task<int> RunAsync(BenchCommand command, string[] words, CancellationToken cancellation)
    {
        try
        {
            return await command.RunAsync(Arguments.Parse(words, command.Options), cancellation);
        }
        catch (UsageException wrong)
        {
            console.WriteLine(wrong.Message);
            console.WriteLine($"'bench {command.Name} --help' lists the options.");
            return ExitCode.Usage;
        }
        catch (RunFailedException failed)
        {
            console.WriteLine(failed.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            console.WriteLine("Stopped before the end: nothing was verified.");
            return ExitCode.Failed;
        }
    }

    private void ShowCommands()
    {
        console.WriteLine("bench <command> [options]");
        foreach (var command in commands) console.WriteLine($"  {command.Name,-12} {command.Summary}");
        console.WriteLine("'bench <command> --help' lists the options. Exit codes: 0 good, 1 a check failed, 2 wrong usage.");
    }

    private void ShowOptions(BenchCommand command)
    {
        console.WriteLine($"bench {command.Name}: {command.Summary}");
        foreach (var option in command.Options)
            console.WriteLine($"  {option.Name + " " + option.Placeholder,-28} {option.Help}");
    }
}
