using PluginHost.Engine.Plugins.Activation;

namespace PluginHost.Tests.Plugins;

public sealed class PluginThreadTests
{
    [Fact]
    public async Task What_a_call_sets_on_its_thread_does_not_reach_the_next()
    {
        var (thread, mark) = (new PluginThread(), new AsyncLocal<string?>());
        using var begun = new ManualResetEventSlim();
        var first = thread.RunAsync(() =>
        {
            mark.Value = "first";
            SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
            // The second call waits behind this one, and so comes on the same thread.
            begun.Wait();
            return Environment.CurrentManagedThreadId;
        });
        var second = thread.RunAsync(() => (Environment.CurrentManagedThreadId, mark.Value, SynchronizationContext.Current));
        begun.Set();

        var (id, left, context) = await second;

        Assert.Equal(await first, id);
        Assert.Null(left);
        Assert.Null(context);
    }
}
