using System.Text.Json.Nodes;

namespace PluginHost.ModelServer;

/// <summary>One of the protocols: what bodies and events a reply becomes.</summary>
internal interface IModelProtocol
{
    JsonObject Whole(ModelReply reply, JsonObject request);

    IEnumerable<StreamEvent> Stream(ModelReply reply, JsonObject request);

    /// <summary>The event that tells of an error within a stream.</summary>
    JsonObject StreamError(ModelReply reply);
}
