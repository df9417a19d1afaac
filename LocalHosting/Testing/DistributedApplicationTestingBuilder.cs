using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Testing;

/// <summary>
/// Makes applications for tests. They are always ephemeral, write nothing to the console, and get free ports whatever ports the
/// app model asks for (unless <c>DcpPublisher:RandomizePorts</c> is false).
/// </summary>
public static class DistributedApplicationTestingBuilder
{
    private const string RandomizePorts = "DcpPublisher:RandomizePorts";

    /// <summary>Begins a description of its own.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>The description.</returns>
    public static IDistributedApplicationTestingBuilder Create(params string[] args)
    {
        var hook = Hook(Assembly.GetCallingAssembly(), _ => { });
        EntryPointHook.Current = hook;
        try
        {
            return Wrap(new DistributedApplicationBuilder(args));
        }
        finally
        {
            EntryPointHook.Current = null;
        }
    }

    /// <summary>Gets the description an AppHost makes.</summary>
    /// <typeparam name="TEntryPoint">A class of the AppHost's assembly: <c>Projects.AppHost</c>.</typeparam>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The description.</returns>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    /// <summary>Gets the description an AppHost makes.</summary>
    /// <typeparam name="TEntryPoint">A class of the AppHost's assembly: <c>Projects.AppHost</c>.</typeparam>
    /// <param name="args">The command line.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The description.</returns>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync(typeof(TEntryPoint), args, cancellationToken);

    /// <summary>Gets the description an AppHost makes.</summary>
    /// <param name="entryPoint">A class of the AppHost's assembly: <c>Projects.AppHost</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The description.</returns>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(Type entryPoint, CancellationToken cancellationToken = default) =>
        CreateAsync(entryPoint, [], cancellationToken);

    /// <summary>Gets the description an AppHost makes: runs its entry point up to where it builds the application.</summary>
    /// <param name="entryPoint">A class of the AppHost's assembly: <c>Projects.AppHost</c>.</param>
    /// <param name="args">The command line.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The description.</returns>
    /// <exception cref="InvalidOperationException">The assembly has no entry point, or it builds no application.</exception>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint, string[] args, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entryPoint);
        ArgumentNullException.ThrowIfNull(args);
        var main = entryPoint.Assembly.EntryPoint
            ?? throw new InvalidOperationException($"Assembly '{entryPoint.Assembly.GetName().Name}' has no entry point.");

        DistributedApplicationBuilder? described = null;
        var hook = Hook(entryPoint.Assembly, builder =>
        {
            described = builder;

            // The test builds and runs the application; the entry point has done its work.
            throw new EntryPointEndedException();
        });

        // A thread of its own, as an entry point may block. The hook is ambient: it reaches this thread alone.
        await Task.Factory.StartNew(
            () => RunEntryPoint(main, args, hook), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return Wrap(described ?? throw new InvalidOperationException($"The entry point of '{entryPoint.Assembly.GetName().Name}' built no application."));
    }

    private static EntryPointHook Hook(Assembly assembly, Action<DistributedApplicationBuilder> building) => new()
    {
        AppHostAssembly = assembly,
        Creating = options => options.DisableDashboard = true,
        Building = building,
    };

    private static void RunEntryPoint(MethodInfo main, string[] args, EntryPointHook hook)
    {
        EntryPointHook.Current = hook;
        try
        {
            var result = main.Invoke(null, main.GetParameters().Length == 0 ? null : [args]);
            if (result is Task task)
                task.GetAwaiter().GetResult();
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            if (inner is not EntryPointEndedException)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
        }
        catch (EntryPointEndedException)
        {
            // An asynchronous entry point ended the same way.
        }
        finally
        {
            EntryPointHook.Current = null;
        }
    }

    private static TestingBuilder Wrap(DistributedApplicationBuilder builder)
    {
        if (builder.Configuration[RandomizePorts] is null)
            builder.Configuration.AddInMemoryCollection([new(RandomizePorts, "true")]);
        return new TestingBuilder(builder);
    }

#pragma warning disable CA1032, CA1064, RCS1194 // It ends an entry point and is caught in this file.
    private sealed class EntryPointEndedException : Exception;
#pragma warning restore CA1032, CA1064, RCS1194
}
