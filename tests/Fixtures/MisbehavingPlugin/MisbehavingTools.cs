using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace MisbehavingPlugin;

/// <summary>Provides two tools: one that works and one with a configured fault.</summary>
public sealed class MisbehavingTools(Misbehaviour options, PluginContext context) : IContextProvider
{
    public PluginContext Context { get; } = context;

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(new ContextContribution
    {
        Tools =
        [
            AIFunctionFactory.Create(() => "done", "work"),
            AIFunctionFactory.Create(
                async () =>
                {
                    await Faults.ApplyAsync(options.Does, request);
                    return "never";
                },
                "fail"),
        ],
    });
}

/// <summary>Provides a tool whose results have 10 kB.</summary>
public sealed class LargeTool : IContextProvider
{
    private const int Size = 10_000;
    private int _count;

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(new ContextContribution
    {
        Tools = [AIFunctionFactory.Create(Read, "read")],
    });

    private string Read()
    {
        var number = Interlocked.Increment(ref _count);
        return string.Concat(Enumerable.Range(0, Size / 10).Select(i => $"line {i:0000} of {number:0000}. "))[..Size];
    }
}
