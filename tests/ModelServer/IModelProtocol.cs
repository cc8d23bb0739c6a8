using System.Text.Json.Nodes;

namespace PluginHost.ModelServer;

/// <summary>Turns replies into the bodies and events of one API.</summary>
internal interface IModelProtocol
{
    JsonObject CreateBody(ModelReply reply, JsonObject request);

    IEnumerable<StreamEvent> CreateEvents(ModelReply reply, JsonObject request);

    /// <summary>Creates the event for an error inside a stream.</summary>
    JsonObject CreateErrorEvent(ModelReply reply);
}
